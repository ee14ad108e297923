/* The entries of the passwd and group files of a container. Each file is opened inside the given root whatever links it is,
 * only if it is a regular file, and at most 10 MiB of it are read. */
#ifndef COMMON_BASE_ACCOUNTS_H
#define COMMON_BASE_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>

enum accounts_file { ACCOUNTS_USERS, ACCOUNTS_GROUPS };

struct accounts {
	enum accounts_file file;
	int unopened; /* errno, when the file could not be opened: it counts as empty then */
	char *text, *next;
};

/* A line, see passwd(5) and group(5): surrounding blanks do not count, missing fields are empty, what is no number is 0. */
struct account {
	const char *name;
	unsigned id;
	unsigned gid;        /* of a user */
	const char *home;    /* of a user */
	const char *members; /* of a group */
};

#define autoaccounts __attribute__((cleanup(accounts_free)))
void accounts_free(struct accounts *accounts);

/* root is the directory below which etc/passwd and etc/group are. 0, or -1 with errno when the file was opened and could not
 * be read; EFBIG if it is too long. */
int accounts_load(int root, enum accounts_file file, struct accounts *accounts);

/* 1 with the next entry, whose strings are owned by accounts; 0 at the end; -1 with errno EMSGSIZE at a line that is too long
 * (64 KiB for a user, 1 MiB for a group). */
int accounts_next(struct accounts *accounts, struct account *account);

/* The next entry of that name or, if name is NULL, of that id. As accounts_next. */
int accounts_find(struct accounts *accounts, const char *name, unsigned id, struct account *account);

/* Whether a group lists a user. */
bool account_lists(const struct account *group, const char *user);

/* A whole decimal integer, sign allowed, that fits. */
bool account_number(const char *text, long long *value);

#endif
