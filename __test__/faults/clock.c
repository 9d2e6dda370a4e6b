/*
 * Steps a process's clock, for LD_PRELOAD. In: the file named by FAULTS_CLOCK, which holds a 64-bit number of milliseconds in the
 * machine's byte order. Out: the time of day is ahead by as many. The monotonic clock stays.
 *
 * The file is mapped into memory once, at the start: a step is there at once, in all processes that share the file, and a process
 * without file descriptors keeps its clock.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none, *ahead_ms = &none;
static int (*next_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void start(void)
{
	next_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
	const char *name = getenv("FAULTS_CLOCK");
	int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
	if (file == -1)
		return;
	void *shared = mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, file, 0);
	close(file);
	if (shared != MAP_FAILED)
		ahead_ms = shared;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
	if (!next_clock_gettime)
		start();
	int status = next_clock_gettime(id, out);
	if (status != 0 || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return status;
	int64_t ms = *ahead_ms, ns = out->tv_nsec + ms % 1000 * 1000000;
	out->tv_sec += ms / 1000 + (ns < 0 ? -1 : ns / 1000000000);
	out->tv_nsec = ns < 0 ? ns + 1000000000 : ns % 1000000000;
	return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	(void)zone;
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	out->tv_sec = now.tv_sec;
	out->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}
