// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What the tests of user probes attach to. It says "ready", then for each number it reads it does everything that often, and says what its semaphore was.
#include <stdio.h>
#include <unistd.h>

// As <sys/sdt.h> writes them, which not every machine has.
#define PROBE(name, semaphore, arguments, ...)						\
	__asm__ volatile("990: nop\n"							\
		".pushsection .note.stapsdt,\"?\",\"note\"\n"				\
		".balign 4\n"								\
		".4byte 992f-991f, 994f-993f, 3\n"					\
		"991: .asciz \"stapsdt\"\n"						\
		"992: .balign 4\n"							\
		"993: .8byte 990b\n"							\
		".8byte _.stapsdt.base\n"						\
		".8byte " semaphore "\n"						\
		".asciz \"hypermesh\"\n"						\
		".asciz \"" name "\"\n"							\
		".asciz \"" arguments "\"\n"						\
		"994: .balign 4\n"							\
		".popsection\n"								\
		".ifndef _.stapsdt.base\n"						\
		".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"	\
		".weak _.stapsdt.base\n"						\
		".hidden _.stapsdt.base\n"						\
		"_.stapsdt.base: .space 1\n"						\
		".size _.stapsdt.base, 1\n"						\
		".popsection\n"								\
		".endif\n" :: __VA_ARGS__)

__attribute__((used, visibility("hidden"), section(".probes"))) volatile unsigned short probed_semaphore;
__attribute__((used)) volatile unsigned short probed_counter = 0;

__attribute__((noinline)) static int probed_static(int value) { __asm__ volatile(""); return value + 1; }
__attribute__((noinline)) int probed_one(int value) { __asm__ volatile(""); return value + 2; }
__attribute__((noinline)) int probed_two(int value) { __asm__ volatile(""); return value + 3; }
__attribute__((noinline)) int probed_three(int value) { __asm__ volatile(""); return value + 4; }

int main(void)
{
	int times;

	printf("ready %p\n", (void *)&probed_counter);
	fflush(stdout);
	while (scanf("%d", &times) == 1) {
		int listened = probed_semaphore, counted = probed_counter, sum = 0;
		for (int i = 0; i < times; i++) {
			long place[2] = { -5, 40 };
			sum += probed_static(i) + probed_one(i) + probed_two(i) + probed_three(i) + getppid();
			PROBE("plain", "0", "-4@%0 8@%1 -4@$-3", "r"(i), "m"(place[1]));
			PROBE("listened", "probed_semaphore", "8@%0", "r"((long)i));
			PROBE("twice", "0", "8@%0", "r"((long)i));
			PROBE("twice", "0", "8@%0", "m"(place[1]));
			probed_counter = probed_counter;
		}
		printf("%d %d %d\n", listened, counted, sum);
		fflush(stdout);
	}
	return 0;
}
