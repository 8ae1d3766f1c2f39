// rivals DISTANCE MILLISECONDS: two processes whose IDs are so far apart compute on CPU 0 for so long, so that each is preempted for the other. Prints how many times they were.
#define _GNU_SOURCE
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static pid_t start(pid_t id, long end)
{
	struct clone_args args = { .exit_signal = 17 /* SIGCHLD */, .set_tid = (__u64)&id, .set_tid_size = 1 };
	pid_t child = syscall(SYS_clone3, &args, sizeof(args));

	if (child)
		return child;
	while (now() < end)
		;
	_exit(0);
}

int main(int argc, char **argv)
{
	int distance = atoi(argv[1]), status = 0, worst = 0;
	long end = now() + atol(argv[2]);
	struct rusage used;
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	if (sched_setaffinity(0, sizeof(first), &first))
		return 1;
	if (start(getpid() + 1000, end) < 0 || start(getpid() + 1000 + distance, end) < 0) {
		perror("clone3");
		return 1;
	}
	while (wait(&status) > 0)
		worst |= status;
	getrusage(RUSAGE_CHILDREN, &used);
	printf("%ld\n", used.ru_nivcsw);
	return worst != 0;
}
