#include "common/base/users.h"

#include "common/base/accounts.h"
#include "common/base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ID_MOST 2147483647

void user_free(struct user *user)
{
	free(user->home);
	free(user->groups);
	*user = (struct user){ 0 };
}

static void take_entry(struct user *user, const struct account *entry)
{
	user->uid = entry->id;
	user->gid = entry->gid;
	user->home = xstrdup(entry->home);
}

static void take_default(struct user *user, uid_t uid)
{
	user->uid = uid;
	user->home = xstrdup("/");
}

/* Supplementary groups are those that list the user as a member. 0, or -1 with errno. */
static int add_groups(int root, const char *name, struct user *user)
{
	autoaccounts struct accounts groups = { 0 };
	struct account group;
	int found;

	if (accounts_load(root, ACCOUNTS_GROUPS, &groups) < 0)
		return -1;
	while ((found = accounts_next(&groups, &group)) > 0) {
		if (!account_lists(&group, name))
			continue;
		user->groups = xrealloc(user->groups, (user->group_count + 1) * sizeof *user->groups);
		user->groups[user->group_count++] = group.id;
	}
	return found;
}

static int out_of_range(struct error *err)
{
	return fail(err, "uids and gids must be in range 0-%d", ID_MOST);
}

/* The part before the colon. name gets the entry's, "" without an entry. */
static int lookup_user(int root, const char *wanted, struct user *user, char **name, struct error *err)
{
	autoaccounts struct accounts users = { 0 };
	struct account entry = { 0 };
	long long id = 0;
	bool is_id = !*wanted || account_number(wanted, &id);
	int found;

	if (is_id && (id < 0 || id > ID_MOST))
		return out_of_range(err);
	found = accounts_load(root, ACCOUNTS_USERS, &users);
	if (found == 0)
		found = accounts_find(&users, is_id ? NULL : wanted, (unsigned)id, &entry);
	if (found < 0)
		return fail_sys(err, "unable to find user %s", *wanted ? wanted : "0");
	if (!found && !is_id)
		return fail(err, "unable to find user %s: no matching entries in passwd file", wanted);
	*name = xstrdup(found ? entry.name : "");
	if (found)
		take_entry(user, &entry);
	else
		take_default(user, (uid_t)id);
	return 0;
}

/* The part behind it. */
static int lookup_group(int root, const char *wanted, struct user *user, struct error *err)
{
	autoaccounts struct accounts groups = { 0 };
	struct account entry = { 0 };
	long long id = 0;
	bool is_id = account_number(wanted, &id);
	int found;

	if (is_id && (id < 0 || id > ID_MOST))
		return out_of_range(err);
	found = accounts_load(root, ACCOUNTS_GROUPS, &groups);
	if (found == 0)
		found = accounts_find(&groups, is_id ? NULL : wanted, (unsigned)id, &entry);
	if (found < 0)
		return fail_sys(err, "unable to find groups for spec %s", wanted);
	if (!found && !is_id)
		return fail(err, "unable to find group %s: no matching entries in group file", wanted);
	user->gid = found ? entry.id : (gid_t)id;
	return 0;
}

static bool no_passwd(int root)
{
	autoaccounts struct accounts users = { 0 };

	return accounts_load(root, ACCOUNTS_USERS, &users) == 0 && users.unopened == ENOENT;
}

int user_lookup(int root, const char *wanted, struct user *user, struct error *err)
{
	autofree char *parts = xstrdup(wanted), *name = NULL;
	char *rest = parts, *first = strsep(&rest, ":"), *group = strsep(&rest, ":");
	int result;

	*user = (struct user){ 0 };
	if (strcmp(wanted, "root") == 0 && no_passwd(root)) {
		take_default(user, 0);
		return 0;
	}
	if (lookup_user(root, first, user, &name, err) < 0)
		return -1;
	if (group && *group)
		result = lookup_group(root, group, user, err);
	else if ((result = *name ? add_groups(root, name, user) : 0) < 0)
		fail_sys(err, "unable to find groups for spec %s", name);
	if (result < 0)
		user_free(user);
	return result;
}

int user_find_name(int root, const char *name, struct user *user)
{
	autoaccounts struct accounts users = { 0 };
	struct account entry;
	int found;

	*user = (struct user){ 0 };
	if (accounts_load(root, ACCOUNTS_USERS, &users) < 0)
		return -1;
	if (users.unopened == ENOENT && strcmp(name, "root") == 0) {
		take_default(user, 0);
		return 0;
	}
	found = accounts_find(&users, name, 0, &entry);
	if (found <= 0) {
		errno = found < 0 ? errno : users.unopened;
		return -1;
	}
	take_entry(user, &entry);
	if (add_groups(root, name, user) == 0)
		return 0;
	user_free(user);
	return -1;
}
