/* The two requests, for a container and for a process: filled by whoever understands the client, freed here. */
#include "common/bundle/bundle.h"

#include <stdlib.h>

void container_spec_bind(struct container_spec *spec, const char *source, const char *destination, bool writable)
{
	spec->bind_mounts = xrealloc(spec->bind_mounts, (spec->bind_mount_count + 1) * sizeof *spec->bind_mounts);
	spec->bind_mounts[spec->bind_mount_count++] = (struct bind_mount){
		.source = xstrdup(source),
		.destination = xstrdup(destination),
		.writable = writable,
	};
}

void container_spec_free(struct container_spec *spec)
{
	free(spec->handle);
	free(spec->hostname);
	free(spec->rootfs);
	strings_free(&spec->image_env);
	strings_free(&spec->env);
	json_object_put(spec->image_mounts);
	for (size_t i = 0; i < spec->bind_mount_count; i++) {
		free(spec->bind_mounts[i].source);
		free(spec->bind_mounts[i].destination);
	}
	free(spec->bind_mounts);
	*spec = (struct container_spec){ 0 };
}

void process_spec_free(struct process_spec *spec)
{
	free(spec->id);
	free(spec->path);
	strings_free(&spec->args);
	strings_free(&spec->env);
	free(spec->user);
	free(spec->dir);
	*spec = (struct process_spec){ 0 };
}
