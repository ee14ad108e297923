/* The lookup of users as functions, for users.bats.
 *
 *   users lookup ROOT WANTED, users find ROOT NAME
 *
 * prints "uid gid home group..." for a root directory, or why not and fails. */
#include "common/base/users.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static void print(const struct user *user)
{
	printf("%u %u %s", (unsigned)user->uid, (unsigned)user->gid, user->home);
	for (size_t i = 0; i < user->group_count; i++)
		printf(" %u", (unsigned)user->groups[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	autouser struct user user = { 0 };
	struct error err = { 0 };
	int root;

	if (argc != 4)
		return 2;
	root = open(argv[2], O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (strcmp(argv[1], "lookup") == 0) {
		if (user_lookup(root, argv[3], &user, &err) < 0) {
			puts(err.text);
			return 1;
		}
	} else if (user_find_name(root, argv[3], &user) < 0) {
		puts(errno ? errno_text(errno) : "no such entry");
		return 1;
	}
	print(&user);
	return 0;
}
