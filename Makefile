# What each program is made of, and the one way to compile and to link. `make help` lists the targets; how the
# libraries in .deps come about is in release/README.md.
#
# Three flavours: musl, what is shipped (static-pie, stripped, in bin/); sanitize, for the tests (glibc and the
# distribution's shared libraries, address and undefined-behaviour sanitizers, in .build/sanitize/bin); and fuzz, the
# same with clang's libFuzzer, for test/fuzz alone.

FLAVOUR = musl
OUT     = .build/$(FLAVOUR)
BIN     = $(if $(filter musl,$(FLAVOUR)),bin,$(OUT)/bin)
PREFIX  = /usr/local
VERSION = dev
TESTS   =
TARGETS =
BENCH   =
export FUZZ_SECONDS FUZZ_JOBS

# The five programs ---------------------------------------------------------------------------------------------------

PROGRAMS = $(patsubst %/main.c,%,$(wildcard $(addsuffix /main.c,init dadoo nstar depotctl guardian)))
objects  = $(patsubst %.c,$(OUT)/%.o,$(wildcard $(addsuffix /*.c,$1)))
BASE     = $(OUT)/base.a
COMMON   = $(OUT)/common.a $(BASE)

$(BIN)/init:     $(call objects,init)
$(BIN)/dadoo:    $(call objects,dadoo) $(BASE)
$(BIN)/nstar:    $(call objects,nstar) $(BASE)
$(BIN)/depotctl: $(call objects,depotctl) $(COMMON)
$(BIN)/guardian: $(call objects,guardian) $(COMMON)

$(OUT)/base.a:   $(call objects,common/base)
$(OUT)/common.a: $(filter-out $(call objects,common/base),$(call objects,common/*))

LIBS_nstar    = $(TAR)
LIBS_depotctl = -ljson-c -lseccomp -lnl-route-3 -lnl-3 $(TAR)
LIBS_guardian = $(LIBS_depotctl) .deps/lib/libllhttp.a
TAR           = -larchive -lz -lzstd

# A room with a gen/filter.c gets the seccomp filter which that program, run at build time, prints as a C header.
FILTERS = $(patsubst %/gen/filter.c,%,$(wildcard */gen/filter.c))
$(foreach room,$(FILTERS),$(eval $(call objects,$(room)): | $(OUT)/gen/$(room)-filter.h))

# Flags ---------------------------------------------------------------------------------------------------------------

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wmissing-declarations -Wold-style-definition -Wpointer-arith -Wcast-qual -Wcast-align -Wwrite-strings \
	-Wformat=2 -Wundef -Wvla -Wnull-dereference -Wdouble-promotion -Wswitch-enum -Wno-missing-field-initializers
WARNINGS_CC = $(WARNINGS_$(if $(filter fuzz,$(FLAVOUR)),clang,gcc))
WARNINGS_gcc = -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wrestrict -Wtrampolines
# In these two gcc knows more: it sees that a cleanup uses its variable, and that a va_list's format was checked at the
# caller.
WARNINGS_clang = -Wno-unused-variable -Wno-format-nonliteral

# Paths of the build directory stay out of the objects, so that two builds are the same byte for byte.
CPPFLAGS = -D_GNU_SOURCE -I. -I$(OUT)/gen $(CPPFLAGS_$(FLAVOUR))
CFLAGS   = -std=gnu11 -g $(WARNINGS) $(WARNINGS_CC) $(CFLAGS_$(FLAVOUR)) -ffile-prefix-map=$(CURDIR)=.
HOST_CC  = gcc

CC_musl       = musl-gcc
CPPFLAGS_musl = -isystem .deps/include -isystem .deps/include/libnl3 -isystem .deps/include/kernel
CFLAGS_musl   = -Os -fPIE -ffunction-sections -fdata-sections -fstack-protector-strong -fstack-clash-protection \
	-fno-asynchronous-unwind-tables

CC_sanitize       = gcc
CPPFLAGS_sanitize = -DSANITIZED -isystem .deps/llhttp -isystem /usr/include/libnl3
CFLAGS_sanitize   = -O1 -fno-omit-frame-pointer $(SANITIZERS)
SANITIZERS        = -fsanitize=address,undefined -fno-sanitize-recover=all

CC_fuzz       = clang
CPPFLAGS_fuzz = $(CPPFLAGS_sanitize)
CFLAGS_fuzz   = $(CFLAGS_sanitize) -fsanitize=fuzzer-no-link

CC = $(CC_$(FLAVOUR))

# $(call link,output,inputs,libraries). musl-gcc ignores -static-pie and makes a dynamic program without a word, so
# gcc links, with everything that is libc's named by hand.
MUSL      = /usr/lib/$(subst gnu,musl,$(shell gcc -print-multiarch))
link      = $(link_$(FLAVOUR))
link_musl = gcc -static-pie -nostdlib -nostartfiles -Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections -L.deps/lib \
	-o $1 $(MUSL)/rcrt1.o $(MUSL)/crti.o $2 $3 \
	-Wl,--start-group $(MUSL)/libc.a $(shell gcc -print-libgcc-file-name) -Wl,--end-group $(MUSL)/crtn.o
STRIP_musl = --strip-all
link_fuzz = clang $(SANITIZERS) $(if $(filter $(OUT)/fuzz/%,$1),-fsanitize=fuzzer) -Wl,--as-needed -o $1 $2 $3 -lm
link_sanitize = gcc $(SANITIZERS) -Wl,--as-needed -o $1 $2 $(OUT)/sanitizer-options.o $3 -lm

# What `guardian -v` and `depotctl --version` print.
$(OUT)/guardian/arguments.o $(OUT)/depotctl/main.o: CPPFLAGS += -DVERSION='"$(VERSION)"'

# Rules ---------------------------------------------------------------------------------------------------------------

MAKEFLAGS += --no-builtin-rules
Q = $(if $(V),,@)
say = @printf '  %-6s%s\n'

.DEFAULT_GOAL = all
.DELETE_ON_ERROR:
.SECONDARY:

all: $(addprefix $(BIN)/,$(PROGRAMS)) ## build the programs into bin/ (and the libraries, if they are missing)

$(OUT)/%.o: %.c Makefile .deps/done
	$(say) cc $<
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/%.a:
	$(say) ar $@
	@mkdir -p $(@D)
	$(Q)rm -f $@ && ar qcsD $@ $^

# Linked beside, then renamed, since the old program may be running. The one with its symbols stays in .build.
$(BIN)/%:
	$(say) link $@
	@mkdir -p $(@D) $(OUT)/unstripped
	$(Q)$(call link,$(OUT)/unstripped/$*,$(filter-out %.h,$^),$(LIBS_$*))
	$(Q)objcopy $(STRIP_$(FLAVOUR)) $(OUT)/unstripped/$* $@.new && mv -f $@.new $@

$(OUT)/gen/%-filter.h: $(OUT)/%/gen/filter.o $(BASE)
	$(say) gen $@
	@mkdir -p $(@D) $(OUT)/host
	$(Q)$(call link,$(OUT)/host/$*-filter,$^,-lseccomp)
	$(Q)$(OUT)/host/$*-filter >$@.new && mv -f $@.new $@

.deps/done: release/deps/versions release/deps/build
	release/deps/install build deps
	release/deps/build

ifeq ($(FLAVOUR),sanitize)
# init has nothing in it that a sanitizer could look at, and must start in any root filesystem: always the musl build.
$(BIN)/init: bin/init
	@mkdir -p $(@D)
	$(Q)cp $< $@.new && mv -f $@.new $@

# Compiled in, for the suite starts programs with environments of its own making. No leak detection: the memory of a
# request or a command ends with its process, by design.
$(OUT)/sanitizer-options.o: Makefile
	@mkdir -p $(@D)
	$(Q)for name in asan ubsan; do echo "const char *__$${name}_default_options(void) { return \
		\"exitcode=99:detect_leaks=0:print_stacktrace=1:log_path=$(REPORTS)\"; }"; done | gcc -xc -c -o $@ -

$(addprefix $(BIN)/,$(PROGRAMS)) $(addsuffix -filter.h,$(addprefix $(OUT)/gen/,$(FILTERS))): | $(OUT)/sanitizer-options.o
endif
REPORTS = $(CURDIR)/.build/sanitize/reports/report

# Tests ---------------------------------------------------------------------------------------------------------------

TOOLS = $(patsubst test/tools/%.c,.build/test/%,$(wildcard test/tools/*.c))
UNITS = $(patsubst test/unit/%.c,$(OUT)/unit/%,$(wildcard test/unit/*.c))
FUZZ  = $(patsubst test/fuzz/%.c,$(OUT)/fuzz/%,$(filter-out %/replay.c,$(wildcard test/fuzz/*.c)))

# What test/run and its kin are told: where the programs are, the tests' own tools, the unit test programs, the fuzz
# targets. A report that a sanitizer wrote fails the run, even if the program that died was not missed by any test.
TEST_ENV = BIN=$(abspath $(BIN)) TOOLS=$(abspath .build/test) UNITS=$(abspath $(OUT)/unit) FUZZ=$(abspath $(OUT)/fuzz) \
	$(TEST_ENV_$(FLAVOUR))
TEST_ENV_sanitize = SANITIZER_REPORTS=$(REPORTS)

.build/test/%: test/tools/%.c Makefile
	$(say) tool $@
	@mkdir -p $(@D)
	$(Q)gcc -std=gnu11 -D_GNU_SOURCE -I. -O1 -g $(WARNINGS) -static -o $@ $<

$(UNITS) $(FUZZ): $(OUT)/%: $(OUT)/test/%.o $(COMMON)
	$(say) link $@
	@mkdir -p $(@D)
	$(Q)$(call link,$@,$(filter %.o,$^) $(filter %.a,$^),$(LIBS_depotctl))

$(OUT)/test/unit/filter.o: | $(OUT)/gen/nstar-filter.h

# What of the daemon is tested as functions.
$(OUT)/unit/flags: $(patsubst %,$(OUT)/guardian/%.o,arguments command config duration flags flagtable help ini quote values)
$(OUT)/unit/input: $(patsubst %,$(OUT)/guardian/%.o,fields input jsonstring)
$(OUT)/unit/wire:  $(patsubst %,$(OUT)/guardian/%.o,fields wire_decode wire_encode wire_network)
$(OUT)/unit/properties: $(OUT)/guardian/lookup.o
$(OUT)/unit/log:   $(patsubst %,$(OUT)/guardian/%.o,lines log logfile)

# By name: in a fresh clone the sources are not there yet when this is read.
LLHTTP = $(patsubst %,$(OUT)/.deps/llhttp/%.o,api http llhttp)
$(LLHTTP): WARNINGS = -w
.deps/llhttp/%.c: .deps/done ;

# What is fuzzed. A target has its main from libFuzzer; in the other flavours from replay.c, which gives it each of the
# files that it is called with once.
$(OUT)/fuzz/input:  $(patsubst %,$(OUT)/guardian/%.o,fields input jsonstring)
$(OUT)/fuzz/wire:   $(patsubst %,$(OUT)/guardian/%.o,fields wire_decode wire_encode wire_network)
$(OUT)/fuzz/config: $(patsubst %,$(OUT)/guardian/%.o,command config duration flags flagtable ini quote values)
$(OUT)/fuzz/winsz:  $(OUT)/dadoo/winsz.o
$(OUT)/fuzz/http $(OUT)/fuzz/routes: $(filter-out %/main.o,$(call objects,guardian)) $(LLHTTP)

ifneq ($(FLAVOUR),fuzz)
$(FUZZ): $(OUT)/test/fuzz/replay.o
endif

fuzzers: $(FUZZ)

test-programs: all $(TOOLS) $(UNITS) $(FUZZ)

test: test-deps test-programs ## run the tests; TESTS="dadoo nstar" for some of the files
	@rm -rf $(dir $(REPORTS)) && mkdir -p $(dir $(REPORTS)) && chmod 1777 $(dir $(REPORTS))
	@$(TEST_ENV) test/run $(TESTS)

sanitize: test-deps $(BIN)/init ## run the tests on programs built with the address and undefined-behaviour sanitizers
	release/deps/install sanitize
	$(MAKE) FLAVOUR=sanitize test

fuzz: ## run the fuzz targets; TARGETS="http wire" for some, FUZZ_SECONDS=600 for each (60), FUZZ_JOBS=1 at once (2)
	release/deps/install build sanitize fuzz
	$(MAKE) FLAVOUR=fuzz fuzzers
	@FUZZ=$(abspath .build/fuzz/fuzz) test/fuzz/run $(TARGETS)

bench: test-deps test-programs ## measure: run the benchmarks; BENCH=guardian for the daemon's part
	@$(TEST_ENV) test/bench.sh $(BENCH)

demo: test-deps test-programs ## build, then show what the programs can do with a few containers
	@$(TEST_ENV) test/demo.sh

# Checks --------------------------------------------------------------------------------------------------------------

C_FILES = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
SCRIPTS = $(shell git ls-files -co --exclude-standard | xargs grep -lE '^\#!.*[ /](bash|sh)$$')
BATS    = $(shell git ls-files -co --exclude-standard '*.bats')

# For clang: the headers that musl-gcc brings along.
CLANG = clang -nostdlibinc -isystem $(subst lib,include,$(MUSL))

objects-only: $(call objects,init dadoo nstar depotctl guardian */gen common/* test/unit test/fuzz)

LINTS = $(addprefix lint-,format gcc clang cppcheck scripts)
lint: $(LINTS) ## look for mistakes: format, and the warnings of gcc, clang, cppcheck and shellcheck as errors
$(LINTS): lint-tools

lint-tools:
	release/deps/install build lint

lint-format:
	@clang-format --dry-run -Werror $(C_FILES)

lint-gcc: .deps/done
	@$(MAKE) OUT=.build/lint/gcc CC='$(CC) -Werror' objects-only

lint-clang: .deps/done
	@$(MAKE) OUT=.build/lint/clang CC='$(CLANG) -Werror' WARNINGS_CC='$(WARNINGS_clang)' objects-only

lint-cppcheck:
	@mkdir -p .build/lint/cppcheck
	@cppcheck --quiet --error-exitcode=1 -j2 --cppcheck-build-dir=.build/lint/cppcheck --std=c11 \
		--enable=warning,performance --inline-suppr -D_GNU_SOURCE -I. $(filter %.c,$(C_FILES))

# In tests helpers set variables, and a cd that fails ends the test.
lint-scripts:
	@shellcheck -x -S warning $(SCRIPTS)
	@shellcheck -x -S warning -e SC2154,SC2164 $(BATS)

format: ## give the C sources the format that lint asks for
	clang-format -i $(C_FILES)

reproducible: ## build twice in different places and compare the programs; WITH=deps also the libraries
	release/reproducible.sh $(WITH)

# The rest ------------------------------------------------------------------------------------------------------------

deps: .deps/done ## build the libraries into .deps/ (once; needs the distribution's package archive)

test-deps: ## install the packages that the tests need
	release/deps/install build test

install: all ## install to $(DESTDIR)$(PREFIX)/bin, with bash completion
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 755 $(addprefix $(BIN)/,$(PROGRAMS)) $(DESTDIR)$(PREFIX)/bin
	$(if $(filter guardian,$(PROGRAMS)),ln -sf guardian $(DESTDIR)$(PREFIX)/bin/gdn)
	$(BIN)/depotctl completion bash >$(DESTDIR)$(PREFIX)/share/bash-completion/completions/depotctl

clean: ## remove what was built, but not the libraries
	rm -rf .build $(addprefix bin/,init dadoo nstar depotctl guardian)

distclean: clean ## remove the libraries too
	rm -rf .deps

help: ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1|\2/p' Makefile | column -t -s '|'

.PHONY: all bench clean demo deps distclean format fuzz fuzzers help install lint lint-tools $(LINTS) objects-only \
	reproducible sanitize test test-deps test-programs

-include $(wildcard $(OUT)/*/*.d $(OUT)/*/*/*.d)
