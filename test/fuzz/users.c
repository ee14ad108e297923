/* Any bytes as a user who is looked for, and as the passwd and the group file of a container: three parts with a NUL behind
 * each. What is found must be what the entries say that are read one by one. */
#include "common/base/users.h"

#include "common/base/accounts.h"
#include "common/base/fd.h"
#include "common/base/statefile.h"
#include "common/base/text.h"
#include "test/fuzz/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define RARELY 64 /* inputs of how many bytes go by way of files, which have 10 MiB of memory each */

static int root = -1, etc = -1;

static void make_directory(void)
{
	root = scratch_make();
	must(mkdirat(root, "etc", 0700) == 0);
	etc = openat(root, "etc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(etc >= 0);
}

/* The bytes up to the next NUL, or all. For a NUL that is in a file there is a byte 1. */
static char *part(const uint8_t **data, size_t *left, size_t *len)
{
	const uint8_t *nul = memchr(*data, '\0', *left);
	char *taken;

	*len = nul ? (size_t)(nul - *data) : *left;
	taken = xmalloc(*len + 1);
	memcpy(taken, *data, *len);
	for (char *at = taken; (at = memchr(at, 1, *len - (size_t)(at - taken))); at++)
		*at = '\0';
	*data += *len + (nul != NULL);
	*left -= *len + (nul != NULL);
	return taken;
}

static void put(const char *name, const char *bytes, size_t len)
{
	autoclose int fd = openat(etc, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0 && fd_write_all(fd, bytes, len) == 0);
}

/* What was put into the files, to be read without them. */
static struct bytes {
	char *data;
	size_t len;
} files[2];

static struct accounts open_bytes(enum accounts_file file)
{
	struct accounts accounts = { .file = file, .text = xmalloc(files[file].len + 1) };

	memcpy(accounts.text, files[file].data, files[file].len);
	accounts.next = accounts.text;
	return accounts;
}

static void check_entry(const struct account *account, enum accounts_file file)
{
	must(account->name && !strpbrk(account->name, ":\n"));
	must(file == ACCOUNTS_USERS ? account->home != NULL : account->members != NULL);
	must(!strpbrk(file == ACCOUNTS_USERS ? account->home : account->members, ":\n"));
}

/* Whether name is one of the words that commas part. */
static bool is_member(const char *members, const char *name)
{
	autofree char *copy = xstrdup(members);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ",")))
		if (*name && strcmp(word, name) == 0)
			return true;
	return false;
}

/* The first entry of that name is the one that counts. */
static void check_user(const char *name, bool *there)
{
	autoaccounts struct accounts users = open_bytes(ACCOUNTS_USERS), again = open_bytes(ACCOUNTS_USERS);
	struct account account, found;
	int more, result = accounts_find(&again, name, 0, &found);

	*there = false;
	while ((more = accounts_next(&users, &account)) > 0 && !*there) {
		check_entry(&account, ACCOUNTS_USERS);
		*there = strcmp(account.name, name) == 0;
		if (*there)
			must(result == 1 && account.id == found.id && account.gid == found.gid &&
				strcmp(account.home, found.home) == 0);
	}
	must(more >= 0 || errno == EMSGSIZE);
	must(*there || result == more);
}

static void check_groups(const char *name)
{
	autoaccounts struct accounts groups = open_bytes(ACCOUNTS_GROUPS);
	struct account group;
	int more;

	while ((more = accounts_next(&groups, &group)) > 0) {
		check_entry(&group, ACCOUNTS_GROUPS);
		must(account_lists(&group, name) == is_member(group.members, name));
	}
	must(more == 0 || errno == EMSGSIZE);
}

/* --- The same by way of the files --- */

static void check_found(const char *name, const struct user *user)
{
	autoaccounts struct accounts users = open_bytes(ACCOUNTS_USERS), groups = open_bytes(ACCOUNTS_GROUPS);
	struct account account;
	size_t count = 0;

	must(accounts_find(&users, name, 0, &account) == 1);
	must(user->uid == account.id && user->gid == account.gid && strcmp(user->home, account.home) == 0);
	while (accounts_next(&groups, &account) > 0) {
		if (!account_lists(&account, name))
			continue;
		must(count < user->group_count && user->groups[count] == account.id);
		count++;
	}
	must(count == user->group_count);
}

static void check_files(const char *wanted, bool there)
{
	autouser struct user user = { 0 }, named = { 0 };
	struct error err = { 0 };
	long long id;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(i == ACCOUNTS_USERS ? "passwd" : "group", files[i].data, files[i].len);
	errno = 0;
	if (user_find_name(root, wanted, &named) == 0)
		check_found(wanted, &named);
	else
		must(errno == EMSGSIZE || (errno == 0 && !there));
	if (user_lookup(root, wanted, &user, &err) < 0)
		must(*err.text && !user.home && !user.groups);
	else if (*wanted && !strchr(wanted, ':') && !account_number(wanted, &id))
		check_found(wanted, &user);
	else
		must(user.home);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autofree char *wanted = NULL;
	bool by_files = len % RARELY == 0, there;
	size_t wanted_len;

	if (len == 0)
		return 0;
	if (root < 0)
		make_directory();
	wanted = part(&data, &len, &wanted_len);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		files[i].data = part(&data, &len, &files[i].len);
	check_user(wanted, &there);
	check_groups(wanted);
	if (by_files)
		check_files(wanted, there);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		free(files[i].data);
	return 0;
}
