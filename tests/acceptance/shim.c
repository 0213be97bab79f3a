/* Makes calls on the store's files fail as an order file says: "write 28", "sync 5", "read 5". Each failure adds a byte to its count. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_store(int fd) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return strstr(path, "tendlc.db") != NULL && strstr(path, ".lock") == NULL;
}

/* The error that an order gives to this call, or 0. */
static int ordered(const char *call, int fd) {
    const char *orders = getenv("TENDLC_SHIM");
    char text[64] = "", word[32], count[4096];
    int error = 0;
    if (orders == NULL || !is_store(fd)) return 0;
    int saved = errno, file = open(orders, O_RDONLY | O_CLOEXEC);
    if (file < 0) { errno = saved; return 0; }
    ssize_t length = ((ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(file, text, sizeof text - 1);
    close(file);
    errno = saved;
    if (length <= 0 || sscanf(text, "%31s %d", word, &error) != 2 || strcmp(word, call) != 0) return 0;
    snprintf(count, sizeof count, "%s.count", orders);
    file = open(count, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        ((ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write"))(file, ".", 1);
        close(file);
    }
    errno = error;
    return error;
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { if (ordered("write", fd)) return -1; REAL(pwrite); return real(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { if (ordered("write", fd)) return -1; REAL(pwrite64); return real(fd, data, size, at); }
ssize_t pread(int fd, void *data, size_t size, off_t at) { if (ordered("read", fd)) return -1; REAL(pread); return real(fd, data, size, at); }
ssize_t pread64(int fd, void *data, size_t size, off64_t at) { if (ordered("read", fd)) return -1; REAL(pread64); return real(fd, data, size, at); }
int fsync(int fd) { if (ordered("sync", fd)) return -1; REAL(fsync); return real(fd); }
int fdatasync(int fd) { if (ordered("sync", fd)) return -1; REAL(fdatasync); return real(fd); }
