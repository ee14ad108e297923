#include "nstar/names.h"

#include "common/base/text.h"

#include <stdlib.h>

void names_load(struct names *names, int root, enum accounts_file file)
{
	autoaccounts struct accounts accounts = { 0 };
	struct account account;
	size_t size = 0;

	*names = (struct names){ 0 };
	if (accounts_load(root, file, &accounts) < 0)
		return;
	while (accounts_next(&accounts, &account) > 0) {
		if (names->count == size) {
			size = size * 2 + 64;
			names->item = xrealloc(names->item, size * sizeof *names->item);
		}
		names->item[names->count++] = (struct name){ account.id, xstrdup(account.name) };
	}
}

const char *names_find(struct names *names, unsigned id)
{
	if (names->last < names->count && names->item[names->last].id == id)
		return names->item[names->last].name;
	for (size_t i = 0; i < names->count; i++)
		if (names->item[i].id == id)
			return names->item[names->last = i].name;
	return NULL;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->item[i].name);
	free(names->item);
	*names = (struct names){ 0 };
}
