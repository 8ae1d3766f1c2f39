// SPDX-License-Identifier: MIT
// Runs a command as root of a user namespace of its own, with a bpffs at /sys/fs/bpf to which everything is delegated (6.9): the file system's context is made
// within the namespace, what it delegates is set by the privileged parent through a descriptor of it. .NET cannot do it itself, having threads by then.
// Exit code 77 and a word on standard error where the kernel has no such thing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
enum { SET_STRING = 1, CREATE = 6, MOVE_EMPTY_PATH = 4, UNSUPPORTED = 77 };

static void fail(const char *what, int code)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(code);
}

static void put(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);

	if (file < 0 || write(file, text, strlen(text)) < 0)
		fail(path, 1);
	close(file);
}

static void parent(pid_t child, int from, int to)
{
	static const char *const keys[] = { "delegate_cmds", "delegate_maps", "delegate_progs", "delegate_attachs" };
	char path[64];
	int context, process, own, status;

	/* The child is in its namespace. */
	if (read(from, &context, sizeof(context)) != sizeof(context))
		exit(1);
	snprintf(path, sizeof(path), "/proc/%d/setgroups", child);
	put(path, "deny");
	snprintf(path, sizeof(path), "/proc/%d/uid_map", child);
	put(path, "0 0 1");
	snprintf(path, sizeof(path), "/proc/%d/gid_map", child);
	put(path, "0 0 1");
	write(to, &context, sizeof(context));

	/* The child has made the context, of this number there. */
	if (read(from, &context, sizeof(context)) != sizeof(context)) {
		waitpid(child, &status, 0);
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	process = syscall(SYS_pidfd_open, child, 0);
	own = syscall(SYS_pidfd_getfd, process, context, 0);
	if (own < 0)
		fail("pidfd_getfd", 1);
	for (int i = 0; i < 4; i++)
		if (syscall(SYS_fsconfig, own, SET_STRING, keys[i], "any", 0))
			fail(keys[i], UNSUPPORTED);
	if (syscall(SYS_fsconfig, own, CREATE, NULL, NULL, 0))
		fail("fsconfig", errno == EPERM ? UNSUPPORTED : 1);
	write(to, &context, sizeof(context));
	close(to);
	waitpid(child, &status, 0);
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

int main(int argc, char **argv)
{
	int up[2], down[2], context = 0, mounted;
	pid_t child;

	if (argc < 2 || pipe2(up, O_CLOEXEC) || pipe2(down, O_CLOEXEC))
		return 1;
	child = fork();
	if (child) {
		close(up[1]);
		close(down[0]);
		parent(child, up[0], down[1]);
	}
	close(up[0]);
	close(down[1]);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		fail("unshare", errno == EPERM ? 1 : UNSUPPORTED);
	write(up[1], &context, sizeof(context));
	if (read(down[0], &context, sizeof(context)) != sizeof(context))
		return 1;
	context = syscall(SYS_fsopen, "bpf", 0);
	if (context < 0)
		fail("fsopen", UNSUPPORTED);
	write(up[1], &context, sizeof(context));
	if (read(down[0], &mounted, sizeof(mounted)) != sizeof(mounted))
		return 1;
	mounted = syscall(SYS_fsmount, context, 0, 0);
	if (mounted < 0)
		fail("fsmount", 1);
	if (syscall(SYS_move_mount, mounted, "", AT_FDCWD, "/sys/fs/bpf", MOVE_EMPTY_PATH))
		fail("move_mount", 1);
	close(mounted);
	close(context);
	execvp(argv[1], argv + 1);
	fail(argv[1], 1);
}
