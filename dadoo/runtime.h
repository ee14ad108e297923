/* The OCI runtime: started once, and waited for until it has started the process and ended. */
#ifndef DADOO_RUNTIME_H
#define DADOO_RUNTIME_H

#include "dadoo/directory.h"
#include "dadoo/options.h"
#include "dadoo/stdio.h"
#include "dadoo/terminal.h"

#include <sys/types.h>

/* Starts it. When that fails, tells the caller and ends dadoo. */
pid_t runtime_start(const struct options *options, const struct stdio *io, const struct terminal *terminal);

/* Waits until it has ended and tells the caller how; terminal gets its console meanwhile. Ends dadoo unless the runtime
 * succeeded and the console (if one is wanted) is there. Reaps nobody but the runtime. */
void runtime_await(pid_t runtime, int signals, const struct directory *dir, struct terminal *terminal);

#endif
