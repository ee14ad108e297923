/* Who handles which route (routes.c). A handler replies at once, or has a worker do what may block. */
#ifndef GUARDIAN_HANDLERS_H
#define GUARDIAN_HANDLERS_H

#include "guardian/http.h"
#include "guardian/worker.h"

/* containers.c */
void handle_ping(struct connection *connection);
void handle_capacity(struct connection *connection);
void handle_list(struct connection *connection);
void handle_create(struct connection *connection);
void handle_info(struct connection *connection);
void handle_bulk_info(struct connection *connection);
void handle_metrics(struct connection *connection);
void handle_bulk_metrics(struct connection *connection);
void handle_destroy(struct connection *connection);
void handle_stop(struct connection *connection);
void handle_no_limits(struct connection *connection);
void handle_cpu_limits(struct connection *connection);
void handle_memory_limits(struct connection *connection);

/* files.c */
extern const struct sink stream_in_sink;
void handle_stream_out(struct connection *connection);

/* network.c */
void handle_net_in(struct connection *connection);
void handle_net_out(struct connection *connection);
void handle_bulk_net_out(struct connection *connection);

/* processes.c */
void handle_run(struct connection *connection);
void handle_attach(struct connection *connection);
void handle_stdout(struct connection *connection);
void handle_stderr(struct connection *connection);

/* properties.c */
void handle_set_grace_time(struct connection *connection);
void handle_properties(struct connection *connection);
void handle_property(struct connection *connection);
void handle_set_property(struct connection *connection);
void handle_remove_property(struct connection *connection);

/* --- What they share (handle.c) --- */

/* A name that the route captured: 0 is the handle wherever there is one. */
const char *captured(const struct connection *connection, size_t which);

/* Sends a reply and frees what it holds. */
void answer(struct connection *connection, struct reply *reply);

/* Sends the reply that an error makes; the handle is the captured one, process_id may be NULL. */
void answer_error(struct connection *connection, const struct error *err, const char *process_id);

/* Has work(reply, connection) done by a worker, and its reply sent, or given to done(reply, connection) here. */
void in_worker(struct connection *connection, void (*work)(struct reply *reply, void *connection));
void in_worker_then(struct connection *connection, void (*work)(struct reply *reply, void *connection),
	void (*done)(struct reply *reply, void *connection));

#endif
