// Takes memory as it is told, in steps of 10 ms: for tests of memory limits.
//   hog grow START RATE          START bytes at once, waits for a line, then RATE bytes a second until it is killed
//   hog saw LOW TOP RATE TIMES   grows from LOW to TOP and falls again, so many times
//   hog pages COUNT              touches so many pages of its own once, one by one
//   hog files BYTES FILE...      reads so many bytes of files, which are not in memory any more
//   hog write BYTES FILE         writes so many bytes to a file
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define STEPS 100

static char *area;
static size_t reserved, touched;

static void reserve(size_t bytes)
{
	reserved = bytes;
	area = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		exit(2);
	madvise(area, bytes, MADV_NOHUGEPAGE);
}

static void touch(size_t until)
{
	for (; touched < until && touched < reserved; touched += PAGE)
		area[touched] = 1;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

/* By the clock, so that a slow machine does not make the growth slower. */
static void grow(size_t from, size_t to, double rate)
{
	double begin = now();

	while (touched < to) {
		double size = from + rate * (now() - begin);

		touch(size > to ? to : (size_t)size);
		usleep(1000000 / STEPS);
	}
}

int main(int count, char **words)
{
	if (count == 4 && !strcmp(words[1], "grow")) {
		size_t start = atoll(words[2]);

		reserve((size_t)1 << 36);
		touch(start);
		puts("ready");
		fflush(stdout);
		if (getchar() == EOF)
			return 3;
		grow(start, reserved, atof(words[3]));
	} else if (count == 6 && !strcmp(words[1], "saw")) {
		size_t low = atoll(words[2]), top = atoll(words[3]);

		reserve(top);
		touch(low);
		puts("ready");
		fflush(stdout);
		if (getchar() == EOF)
			return 3;
		for (int i = atoi(words[5]); i > 0; i--) {
			grow(low, top, atof(words[4]));
			madvise(area + low, top - low, MADV_DONTNEED);
			touched = low;
		}
	} else if (count == 3 && !strcmp(words[1], "pages")) {
		size_t bytes = atoll(words[2]) * PAGE;

		reserve(bytes);
		touch(bytes);
	} else if (count > 3 && !strcmp(words[1], "files")) {
		static char buffer[1 << 16];
		long left = atol(words[2]);

		for (int i = 3; i < count && left > 0; i++) {
			int file = open(words[i], O_RDONLY);
			ssize_t got;

			posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
			while (left > 0 && (got = read(file, buffer, sizeof(buffer))) > 0)
				left -= got;
			close(file);
		}
	} else if (count == 4 && !strcmp(words[1], "write")) {
		static char buffer[1 << 16];
		int file = open(words[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);

		for (long left = atol(words[2]); left > 0; left -= sizeof(buffer))
			if (write(file, buffer, sizeof(buffer)) < 0)
				return 4;
		close(file);
	} else {
		return 1;
	}
	return 0;
}
