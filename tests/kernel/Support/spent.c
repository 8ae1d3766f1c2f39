// Spends its CPU time in three functions, 60, 30 and 10 parts; or sleeps a number of times, and says how long that took.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PART 4000000L

static volatile unsigned long sink;

#define SPEND(name, parts)                                             \
	__attribute__((noinline)) void name(void)                      \
	{                                                              \
		for (long i = 0; i < (parts) * PART; i++)              \
			sink = sink * 31 + i;                          \
	}

SPEND(spend_sixty, 6)
SPEND(spend_thirty, 3)
SPEND(spend_ten, 1)

/* A system call of its own: the library's functions keep no frame pointer, and hide the one that called them. */
__attribute__((noinline)) void sleep_known(long milliseconds)
{
	struct timespec time = { 0, milliseconds * 1000000 };
#ifdef __x86_64__
	long result = 35;

	__asm__ volatile("syscall" : "+a"(result) : "D"(&time), "S"(0) : "rcx", "r11", "memory");
#else
	register long call __asm__("x8") = 101;
	register long first __asm__("x0") = (long)&time;
	register long second __asm__("x1") = 0;

	__asm__ volatile("svc 0" : "+r"(first) : "r"(call), "r"(second) : "memory");
#endif
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

int main(void)
{
	char line[64];

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		long spent = 0, count = atol(line + 1);

		for (long i = 0; i < count; i++) {
			if (line[0] == 's') {
				long begin = now();

				sleep_known(20);
				spent += now() - begin;
				continue;
			}
			spend_sixty();
			spend_thirty();
			spend_ten();
		}
		printf("%ld\n", spent);
		fflush(stdout);
	}
	return 0;
}
