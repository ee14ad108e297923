#include "dadoo/options.h"

#include "dadoo/caller.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

_Noreturn static void usage(void)
{
	caution("usage: dadoo [-runc-root DIR] [-tty] [-socket-dir-path DIR] "
		"exec|run|adopt RUNTIME PROCESS-DIR CONTAINER-ID");
	exit(EXIT_SHIM);
}

static enum mode parse_mode(const char *word)
{
	static const char *const words[] = { [MODE_EXEC] = "exec", [MODE_RUN] = "run", [MODE_ADOPT] = "adopt" };

	for (enum mode mode = MODE_EXEC; mode <= MODE_ADOPT; mode++)
		if (strcmp(word, words[mode]) == 0)
			return mode;
	usage();
}

/* Options stand before the mode, with one dash or two, the value behind "=" or in the next word. */
void options_parse(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
		{ "runc-root", required_argument, NULL, 'r' },
		{ "socket-dir-path", required_argument, NULL, 's' },
		{ "tty", no_argument, NULL, 't' },
		{ 0 },
	};
	int letter;

	*options = (struct options){ .runtime_root = "" };
	while ((letter = getopt_long_only(argc, argv, "+", known, NULL)) != -1) {
		if (letter == 'r')
			options->runtime_root = optarg;
		else if (letter == 's')
			options->socket_dir = optarg;
		else if (letter == 't')
			options->terminal = true;
		else
			usage();
	}
	if (argc - optind != 4)
		usage();
	options->mode = parse_mode(argv[optind]);
	options->runtime = argv[optind + 1];
	options->process_dir = argv[optind + 2];
	options->container_id = argv[optind + 3];
}
