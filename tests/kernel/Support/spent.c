// Spends some milliseconds of CPU time in three functions, 60, 30 and 10 parts of them; or sleeps a number of times, and says how long that took.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static volatile unsigned long sink;

/* Calls of about 10 ms: samples are a millisecond apart, and shorter calls in a regular order would keep step with them. */
static long iterations = 100000;

#define SPEND(name)                                                    \
	__attribute__((noinline)) void name(void)                      \
	{                                                              \
		for (long i = 0; i < iterations; i++)                     \
			sink = sink * 31 + i;                          \
	}

SPEND(spend_sixty)
SPEND(spend_thirty)
SPEND(spend_ten)

static void (*const functions[])(void) = { spend_sixty, spend_thirty, spend_ten };
static const double shares[] = { 0.6, 0.3, 0.1 };

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

static long now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000L + time.tv_nsec;
}

/* Equal loops may take unequal times, and so each call goes to the function that is furthest from its share by the thread's CPU clock. */
static void spend(long milliseconds)
{
	double spent[3] = { 0 };

	if (iterations == 100000) {
		long begin = now(CLOCK_THREAD_CPUTIME_ID);

		spend_sixty();
		spent[0] = now(CLOCK_THREAD_CPUTIME_ID) - begin;
		iterations *= 1e7 / spent[0];
	}
	while (spent[0] + spent[1] + spent[2] < milliseconds * 1e6) {
		int next = 0;

		for (int f = 1; f < 3; f++)
			if (spent[f] / shares[f] < spent[next] / shares[next])
				next = f;
		long begin = now(CLOCK_THREAD_CPUTIME_ID);
		functions[next]();
		spent[next] += now(CLOCK_THREAD_CPUTIME_ID) - begin;
	}
}

int main(void)
{
	char line[64];

	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		long spent = 0, count = atol(line + 1);

		if (line[0] == 'c')
			spend(count);
		for (long i = 0; line[0] == 's' && i < count; i++) {
			long begin = now(CLOCK_MONOTONIC);

			sleep_known(20);
			spent += now(CLOCK_MONOTONIC) - begin;
		}
		printf("%ld\n", spent);
		fflush(stdout);
	}
	return 0;
}
