#include "common/base/accounts.h"

#include "common/base/fd.h"
#include "common/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILE_MOST (10u << 20)

static const struct {
	const char *path;
	size_t line_most;
	bool comments; /* a line that begins with # is none */
} files[] = {
	[ACCOUNTS_USERS] = { "etc/passwd", 64u << 10, false },
	[ACCOUNTS_GROUPS] = { "etc/group", 1u << 20, true },
};

void accounts_free(struct accounts *accounts)
{
	free(accounts->text);
	*accounts = (struct accounts){ 0 };
}

/* The kernel keeps the path inside root; it says EAGAIN when something was renamed on the way, so that it cannot tell. */
static int open_inside(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	autoclose int fd = -1;
	struct stat st;

	for (int tries = 0; tries < 100; tries++) {
		fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return fd_take(&fd);
}

int accounts_load(int root, enum accounts_file file, struct accounts *accounts)
{
	autoclose int fd = open_inside(root, files[file].path);
	ssize_t len;

	*accounts = (struct accounts){ .file = file };
	if (fd < 0) {
		accounts->unopened = errno;
		return 0;
	}
	accounts->text = accounts->next = xmalloc(FILE_MOST + 2);
	len = fd_read_full(fd, accounts->text, FILE_MOST + 1);
	if (len >= 0 && len <= (ssize_t)FILE_MOST)
		return 0;
	if (len >= 0)
		errno = EFBIG;
	return -1;
}

bool account_number(const char *text, long long *value)
{
	const char *digits = text + (*text == '+' || *text == '-');
	char *end;

	errno = 0;
	*value = strtoll(text, &end, 10);
	return isdigit((unsigned char)*digits) && !*end && !errno;
}

static char *trimmed(char *line)
{
	char *end = line + strlen(line);

	while (end > line && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	while (isspace((unsigned char)*line))
		line++;
	return line;
}

static const char *field(char **rest)
{
	return *rest ? strsep(rest, ":") : "";
}

static unsigned id_field(char **rest)
{
	long long value;

	return account_number(field(rest), &value) && value >= 0 && value <= UINT_MAX ? (unsigned)value : 0;
}

static struct account parse(char *line, enum accounts_file file)
{
	struct account account = { .name = field(&line) };

	(void)field(&line); /* the password */
	account.id = id_field(&line);
	if (file == ACCOUNTS_GROUPS) {
		account.members = field(&line);
	} else {
		account.gid = id_field(&line);
		(void)field(&line); /* words about the user */
		account.home = field(&line);
	}
	return account;
}

int accounts_next(struct accounts *accounts, struct account *account)
{
	char *line;

	while ((line = strsep(&accounts->next, "\n"))) {
		if (strlen(line) >= files[accounts->file].line_most) {
			errno = EMSGSIZE;
			return -1;
		}
		line = trimmed(line);
		if (!*line || (*line == '#' && files[accounts->file].comments))
			continue;
		*account = parse(line, accounts->file);
		return 1;
	}
	return 0;
}

int accounts_find(struct accounts *accounts, const char *name, unsigned id, struct account *account)
{
	int found;

	while ((found = accounts_next(accounts, account)) > 0)
		if (name ? strcmp(account->name, name) == 0 : account->id == id)
			break;
	return found;
}

bool account_lists(const struct account *group, const char *user)
{
	/* With a comma in it the name would be several members in a row. */
	size_t len = strchr(user, ',') ? 0 : strlen(user);

	for (const char *at = group->members; at && len; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, user, len) == 0 && (at[len] == ',' || !at[len]))
			return true;
	}
	return false;
}
