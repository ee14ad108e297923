/* ps: the processes of a container, or of all of them. */
#include "common/base/fd.h"
#include "common/ops/operations.h"
#include "depotctl/columns.h"
#include "depotctl/failed.h"
#include "depotctl/inspect.h"
#include "depotctl/verbs.h"

#include <fcntl.h>

static const char *const headings[] = { "HANDLE", "ID", "STATE", "PID", "EXIT", "TTY", "AGE", "COMMAND" };

/* What a living process was called with, as ps(1) has it, at most as much as a line takes. The caller frees it. */
static char *command_line(const struct identity *who)
{
	autofree char *path = xprintf("/proc/%d/cmdline", (int)who->pid);
	autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char words[256];
	ssize_t len = fd < 0 ? 0 : fd_read_full(fd, words, sizeof words - 1);

	if (len <= 0 || !identity_alive(who))
		return NULL;
	words[len] = '\0';
	for (ssize_t i = 0; i < len - 1; i++)
		if (words[i] == '\0')
			words[i] = ' ';
	return xstrdup(words);
}

static void add_number(struct table *table, bool known, int number)
{
	if (known)
		table_cellf(table, "%d", number);
	else
		table_cell(table, NULL);
}

static void add_row(struct table *table, const char *handle, const char *id, const struct process *process)
{
	autofree char *age = age_text(process->started_ms);
	autofree char *command = command_line(&process->who);

	table_cell(table, handle);
	table_cell(table, id);
	table_cell(table, process_state_name(process->state));
	add_number(table, identity_alive(&process->who), (int)process->who.pid);
	add_number(table, process->state == PROCESS_ENDED, process->exit_code);
	table_cell(table, process->terminal_lost ? "lost" : process->terminal ? "yes" : "no");
	table_cell(table, age);
	table_cell(table, command);
}

struct listing {
	const struct options *options;
	struct strings names; /* for --quiet alone, else the two below */
	struct table table;
	json_object *list;
};

static int add_process(struct listing *listing, const char *handle, const char *id)
{
	struct process process;
	struct error err;

	if (process_info(&listing->options->settings, handle, id, &process, &err) < 0)
		/* One that has gone since the ids were read is no news. */
		return err.kind == ERROR_UNKNOWN_PROCESS || err.kind == ERROR_UNKNOWN_HANDLE
			? 0
			: failed(listing->options, &err);
	add_row(&listing->table, handle, id, &process);
	json_object_array_add(listing->list, inspect_process(handle, id, &process));
	return 0;
}

static int add_container(struct listing *listing, const char *handle, bool asked_for)
{
	struct container_info info;
	struct error err;
	int code = 0;

	if (container_info(&listing->options->settings, handle, &info, &err) < 0)
		return err.kind == ERROR_UNKNOWN_HANDLE && !asked_for ? 0 : failed(listing->options, &err);
	for (size_t i = 0; i < info.processes.count; i++) {
		if (listing->options->quiet)
			strings_add(&listing->names, info.processes.item[i]);
		else if (add_process(listing, handle, info.processes.item[i]) != 0)
			code = EXIT_OURS;
	}
	container_info_free(&info);
	return code;
}

static int add_all(struct listing *listing)
{
	autostrings struct strings handles = { 0 };
	struct error err;
	int code = 0;

	if (container_list(&listing->options->settings, &handles, &err) < 0)
		return failed(listing->options, &err);
	for (size_t i = 0; i < handles.count; i++)
		if (add_container(listing, handles.item[i], false) != 0)
			code = EXIT_OURS;
	return code;
}

static void print(struct listing *listing, int code)
{
	bool any = listing->table.cells.count > listing->table.columns;

	if (listing->options->quiet)
		print_names(&listing->names, listing->options->json);
	else if (listing->options->json)
		json_print(json_object_get(listing->list));
	else if (any || code == 0)
		table_print(&listing->table);
}

int verb_ps(struct options *options)
{
	struct listing listing = { .options = options, .list = json_object_new_array() };
	int code;

	table_begin(&listing.table, headings, ARRAY_SIZE(headings));
	code = options->arg_count > 0 ? add_container(&listing, options->args[0], true) : add_all(&listing);
	print(&listing, code);
	json_object_put(listing.list);
	strings_free(&listing.names);
	return code;
}
