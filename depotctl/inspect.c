#include "depotctl/inspect.h"

#include "common/base/json.h"
#include "depotctl/columns.h"

json_object *inspect_container(const char *handle, const struct container_info *info)
{
	json_object *object = json_object_new_object();
	autofree char *created = time_text(info->created_ms);

	json_add_text(object, "handle", handle);
	json_add_text(object, "state", container_state_name(info->state));
	json_add_text(object, "note", info->note);
	json_add_text(object, "created", created);
	json_add_text(object, "path", info->path);
	json_add_text(object, "rootfs", info->rootfs);
	json_object_object_add(object, "privileged", json_object_new_boolean(info->privileged));
	json_add_positive(object, "init_pid", info->init.pid);
	json_object_object_add(object, "processes", json_of_strings(&info->processes));
	json_object_object_add(object, "env", json_of_strings(&info->env));
	json_object_object_add(object, "cgroups", json_of_strings(&info->cgroups));
	return object;
}

json_object *inspect_process(const char *handle, const char *id, const struct process *process)
{
	json_object *object = json_object_new_object();
	autofree char *started = time_text(process->started_ms);
	bool ended = process->state == PROCESS_ENDED;

	json_add_text(object, "handle", handle);
	json_add_text(object, "id", id);
	json_add_text(object, "state", process_state_name(process->state));
	json_add_positive(object, "pid", process->who.pid);
	json_add_positive(object, "shim_pid", process->shim.pid);
	json_object_object_add(object, "terminal", json_object_new_boolean(process->terminal));
	json_object_object_add(object, "terminal_lost", json_object_new_boolean(process->terminal_lost));
	json_object_object_add(object, "exit_code", ended ? json_object_new_int(process->exit_code) : NULL);
	json_add_text(object, "started", started);
	return object;
}
