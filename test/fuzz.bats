#!/usr/bin/env bats
# Each parser's fuzz target takes the inputs that it starts from, and those that once broke it: test/fuzz. To look for others:
# `make fuzz`.

bats_require_minimum_version 1.5.0
load helpers

FUZZ=${FUZZ:-$(realpath -m "$BATS_TEST_DIRNAME/../.build/musl/fuzz")}

# replay NAME: gives a target each of its inputs.
replay() {
	"$FUZZ/$1" "$BATS_TEST_DIRNAME/fuzz/seeds/$1"/*
}

@test "fuzz: every target has a test here" {
	local target

	for target in "$BATS_TEST_DIRNAME"/fuzz/*.c; do
		target=$(basename "$target" .c)
		[ "$target" = replay ] || grep -q "{ replay $target; }" "$BATS_TEST_FILENAME" || fail "$target has none"
	done
}

@test "fuzz: http takes any bytes from a client" { replay http; }

@test "fuzz: routes finds what the table says" { replay routes; }

@test "fuzz: wire takes any body of a request" { replay wire; }

@test "fuzz: input means the same however it is cut" { replay input; }

@test "fuzz: winsz means the same however it is cut" { replay winsz; }

@test "fuzz: config takes any file" { replay config; }

@test "fuzz: depot takes any file of a container's state" { replay depot; }

@test "fuzz: users takes any passwd and group file" { replay users; }
