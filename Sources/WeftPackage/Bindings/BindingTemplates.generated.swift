// swift-format-ignore-file
// Written by `make templates` from Templates/; do not edit.

/// The templates by their path under `Templates/bindings/`, without `.in`.
enum EmbeddedBindings {
  static let texts: [String: String] = [
    "c/CMakeLists.txt": ##"""
# Gives the target @NAME@::@NAME@, by add_subdirectory, FetchContent, or find_package after an installation.
cmake_minimum_required(VERSION 3.21)
project(@NAME@ VERSION @VERSION@ LANGUAGES C)
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

option(@UPPER@_COMMAND "Build the command @NAME@" ${PROJECT_IS_TOP_LEVEL})
option(@UPPER@_TESTS "Build the tests of @NAME@" ${PROJECT_IS_TOP_LEVEL})

add_library(@NAME@ @NAME@.c @NAME@-weights.c)
add_library(@NAME@::@NAME@ ALIAS @NAME@)
set_target_properties(@NAME@ PROPERTIES
  OUTPUT_NAME @NAME@ EXPORT_NAME @NAME@ C_STANDARD 11 POSITION_INDEPENDENT_CODE ON
  VERSION @VERSION@ SOVERSION @ABI@ PUBLIC_HEADER @NAME@.h)
target_include_directories(@NAME@ PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_options(@NAME@ PRIVATE $<$<COMPILE_LANGUAGE:C>:-ffp-contract=off>)
# The whole path, for those who optimise at link time. The assembler does not tell what it takes in.
set_source_files_properties(@NAME@-weights.c PROPERTIES
  COMPILE_DEFINITIONS "@UPPER@_WEIGHTS_FILE=\"${CMAKE_CURRENT_SOURCE_DIR}/@NAME@.weights\""
  OBJECT_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/@NAME@.weights")
if(UNIX)
  target_link_libraries(@NAME@ PUBLIC m)
endif()
# A tagger without optimisation is some twenty times slower.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  target_compile_options(@NAME@ PRIVATE $<$<COMPILE_LANGUAGE:C>:-O2>)
endif()

if(@UPPER@_COMMAND)
  add_executable(@NAME@-command cli/@NAME@-main.c)
  set_target_properties(@NAME@-command PROPERTIES OUTPUT_NAME @NAME@ C_STANDARD 11)
  target_link_libraries(@NAME@-command PRIVATE @NAME@::@NAME@)
  install(TARGETS @NAME@-command DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
if(@UPPER@_TESTS)
  enable_testing()
  add_executable(@NAME@-test test/@NAME@-test.c)
  set_target_properties(@NAME@-test PROPERTIES C_STANDARD 11)
  target_link_libraries(@NAME@-test PRIVATE @NAME@::@NAME@)
  add_test(NAME @NAME@-c COMMAND @NAME@-test
    ${CMAKE_CURRENT_SOURCE_DIR}/test/expected.tsv ${CMAKE_CURRENT_SOURCE_DIR}/@NAME@.weights)
  if(@UPPER@_COMMAND)
    add_test(NAME @NAME@-command COMMAND sh ${CMAKE_CURRENT_SOURCE_DIR}/test/command.sh
      $<TARGET_FILE:@NAME@-command> ${CMAKE_CURRENT_SOURCE_DIR}/test/expected.tsv)
  endif()
endif()

install(TARGETS @NAME@ EXPORT @NAME@-targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT @NAME@-targets NAMESPACE @NAME@:: FILE @NAME@-config.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/@NAME@)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/@NAME@-config-version.cmake
  VERSION @VERSION@ COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/@NAME@-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/@NAME@)
install(FILES @NAME@.weights @NAME@.json DESTINATION ${CMAKE_INSTALL_DATADIR}/@NAME@)
install(DIRECTORY LICENSES DESTINATION ${CMAKE_INSTALL_DATADIR}/@NAME@)

"""##,
    "c/Makefile": ##"""
# make             lib@NAME@.a, lib@NAME@.so and the command `@NAME@`
# make test        builds and runs the tests of the C library and of the command
# make install     under PREFIX (/usr/local), below DESTDIR
# make clean
#
# Nothing but a C11 compiler is needed; no -march flag, for the code chooses by the processor it runs on.

CFLAGS ?= -O2
PREFIX ?= /usr/local
DESTDIR ?=
INSTALL ?= install

ABI = @ABI@
override CFLAGS += -std=c11 -fPIC -ffp-contract=off -Wall -Wextra
LIBS = -lm

ifeq ($(shell uname -s),Darwin)
SHARED = lib@NAME@.$(ABI).dylib
SHARED_LINK = lib@NAME@.dylib
SHARED_FLAGS = -dynamiclib -install_name $(PREFIX)/lib/$(SHARED)
else
SHARED = lib@NAME@.so.$(ABI)
SHARED_LINK = lib@NAME@.so
SHARED_FLAGS = -shared -Wl,-soname,$(SHARED)
endif

OBJECTS = @NAME@.o @NAME@-weights.o

.PHONY: all test install uninstall clean

all: lib@NAME@.a $(SHARED_LINK) @NAME@

@NAME@.o: @NAME@.c @NAME@.h
	$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ @NAME@.c

@NAME@-weights.o: @NAME@-weights.c @NAME@.h @NAME@.weights
	$(CC) $(CFLAGS) $(CPPFLAGS) -c -o $@ @NAME@-weights.c

lib@NAME@.a: $(OBJECTS)
	$(AR) rcs $@ $(OBJECTS)

$(SHARED): $(OBJECTS)
	$(CC) $(CFLAGS) $(SHARED_FLAGS) $(LDFLAGS) -o $@ $(OBJECTS) $(LIBS)

$(SHARED_LINK): $(SHARED)
	ln -sf $(SHARED) $@

@NAME@: cli/@NAME@-main.c lib@NAME@.a @NAME@.h
	$(CC) $(CFLAGS) $(CPPFLAGS) -I. $(LDFLAGS) -o $@ cli/@NAME@-main.c lib@NAME@.a $(LIBS)

@NAME@-test: test/@NAME@-test.c lib@NAME@.a @NAME@.h
	$(CC) $(CFLAGS) $(CPPFLAGS) -I. $(LDFLAGS) -o $@ test/@NAME@-test.c lib@NAME@.a $(LIBS)

test: @NAME@-test @NAME@
	./@NAME@-test test/expected.tsv @NAME@.weights
	sh test/command.sh ./@NAME@ test/expected.tsv

@NAME@.pc: @NAME@.pc.in
	sed 's|@prefix@|$(PREFIX)|' @NAME@.pc.in > $@

install: all @NAME@.pc
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/lib/pkgconfig \
	  $(DESTDIR)$(PREFIX)/share/@NAME@/LICENSES
	$(INSTALL) -m 644 @NAME@.h $(DESTDIR)$(PREFIX)/include/
	$(INSTALL) -m 644 lib@NAME@.a $(DESTDIR)$(PREFIX)/lib/
	$(INSTALL) -m 755 $(SHARED) $(DESTDIR)$(PREFIX)/lib/
	ln -sf $(SHARED) $(DESTDIR)$(PREFIX)/lib/$(SHARED_LINK)
	$(INSTALL) -m 644 @NAME@.pc $(DESTDIR)$(PREFIX)/lib/pkgconfig/
	$(INSTALL) -m 755 @NAME@ $(DESTDIR)$(PREFIX)/bin/
	$(INSTALL) -m 644 @NAME@.weights @NAME@.json $(DESTDIR)$(PREFIX)/share/@NAME@/
	$(INSTALL) -m 644 LICENSES/* $(DESTDIR)$(PREFIX)/share/@NAME@/LICENSES/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/include/@NAME@.h $(DESTDIR)$(PREFIX)/lib/lib@NAME@.a \
	  $(DESTDIR)$(PREFIX)/lib/$(SHARED) $(DESTDIR)$(PREFIX)/lib/$(SHARED_LINK) \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig/@NAME@.pc $(DESTDIR)$(PREFIX)/bin/@NAME@
	rm -rf $(DESTDIR)$(PREFIX)/share/@NAME@

clean:
	rm -f $(OBJECTS) lib@NAME@.a $(SHARED) $(SHARED_LINK) @NAME@ @NAME@.pc @NAME@-test

"""##,
    "c/pc": ##"""
prefix=@prefix@
includedir=${prefix}/include
libdir=${prefix}/lib

Name: @NAME@
Description: @SUMMARY@
Version: @VERSION@
Libs: -L${libdir} -l@NAME@
Libs.private: -lm
Cflags: -I${includedir}

"""##,
    "c/weights.c": ##"""
/* The weights of @NAME@ as a part of the program, for @PREFIX@_open_linked.
   The assembler looks for @NAME@.weights in the current folder and in the folders of -I; with link-time optimisation,
   which assembles later, define @UPPER@_WEIGHTS_FILE as the whole path: -D'@UPPER@_WEIGHTS_FILE="/…/@NAME@.weights"'. */
#include "@NAME@.h"

#ifndef @UPPER@_WEIGHTS_FILE
#define @UPPER@_WEIGHTS_FILE "@NAME@.weights"
#endif

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
#define SYMBOL(name) TEXT(__USER_LABEL_PREFIX__) #name

#if defined(__ELF__)
#define HIDE(name) ".hidden " SYMBOL(name) "\n"
#define SECTION ".pushsection .rodata.@PREFIX@_weights, \"a\", %progbits\n"
#define END_OF_SECTION ".popsection\n"
#elif defined(__APPLE__)
#define HIDE(name) ".private_extern " SYMBOL(name) "\n"
#define SECTION ".section __TEXT,__const\n"
#define END_OF_SECTION ".text\n"
#else
#error "no file can be taken in here: leave this file out and use @PREFIX@_model_open or @PREFIX@_open_file"
#endif

/* The assembler takes the file as it is; a C array of this length takes minutes to compile. */
__asm__(SECTION
        ".globl " SYMBOL(@PREFIX@_weights_begin) "\n" HIDE(@PREFIX@_weights_begin)
        ".globl " SYMBOL(@PREFIX@_weights_end) "\n" HIDE(@PREFIX@_weights_end)
        ".balign 64\n"
        SYMBOL(@PREFIX@_weights_begin) ":\n"
        ".incbin \"" @UPPER@_WEIGHTS_FILE "\"\n"
        SYMBOL(@PREFIX@_weights_end) ":\n"
        ".byte 0\n" END_OF_SECTION);

extern const unsigned char @PREFIX@_weights_begin[] __attribute__((visibility("hidden")));
extern const unsigned char @PREFIX@_weights_end[] __attribute__((visibility("hidden")));

const void *@PREFIX@_linked_weights(size_t *bytes) {
    *bytes = (size_t)((uintptr_t)@PREFIX@_weights_end - (uintptr_t)@PREFIX@_weights_begin);
    return @PREFIX@_weights_begin;
}

#ifndef @UPPER@_NO_HOST
@PREFIX@_status @PREFIX@_open_linked(const @PREFIX@_model **model) {
    size_t bytes;
    const void *weights = @PREFIX@_linked_weights(&bytes);
    return @PREFIX@_open_memory(weights, bytes, model);
}
#endif

"""##,
    "cli/main.c": ##"""
/* @NAME@: tags text from standard input. See --help. */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L /* setenv */
#endif
#include "@NAME@.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Exit codes, as in sysexits.h. */
enum { USAGE = 2, BAD_INPUT = 65, NO_MEMORY = 71, INPUT_OUTPUT = 74 };

/* The longest sentence (MOST_TOKENS, that of the tagger), and how much is tagged together. */
enum { MOST_TOKENS = @TOKENS@, BATCH_SENTENCES = 32, BATCH_TOKENS = MOST_TOKENS < 1024 ? 1024 : MOST_TOKENS };

static const char help[] =
    "Usage: @NAME@ [options] < text > columns\n"
    "\n"
    "Tags text with the tagger '@NAME@': a token a line, its tags behind it, tabs between them, an\n"
    "empty line after each sentence.\n"
    "\n"
    "  --task NAME       a task; may be given several times. All if absent:\n"
    "                    @TASK_NAMES@\n"
    "  --words           the input is a word a line already (what follows a tab is not read), with\n"
    "                    an empty line after each sentence; without it the input is raw text\n"
    "  --probabilities   behind each tag the probability that the model gives its label\n"
    "  --weights FILE    other weights of the same network than those in this program\n"
    "  --isa NAME        instruction set: avx512, avx2, neon or portable; the best if absent\n"
    "  --version         what was packaged, its hashes and scores\n"
    "  --help            this text\n"
    "\n"
    "A sentence of raw text that is longer than @TOKENS@ tokens is tagged in pieces; with --words it is\n"
    "an error, and so is a word of more than @SCALARS@ characters.\n";

static const char version[] =
@VERSION_LINES@;

static int fail(int code, const char *problem, const char *detail) {
    fprintf(stderr, "@NAME@: %s%s%s\n", problem, detail == NULL ? "" : ": ", detail == NULL ? "" : detail);
    return code;
}

static int exit_code(@PREFIX@_status status) {
    if (status == @UPPER@_NO_MEMORY)
        return NO_MEMORY;
    return status == @UPPER@_NO_FILE ? INPUT_OUTPUT : BAD_INPUT;
}

/* Room for count elements where there is room for *capacity; null, and the old array stays, without memory. */
static void *grow(void *array, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity)
        return array;
    size_t larger = *capacity < 64 ? 64 : *capacity;
    while (larger < count) {
        if (larger > SIZE_MAX / 2 / size)
            return NULL;
        larger *= 2;
    }
    void *grown = realloc(array, larger * size);
    if (grown != NULL)
        *capacity = larger;
    return grown;
}

/* ---- batches ----------------------------------------------------------------------------------------- */

/* What is asked for, and the batch that is being filled. Words point into text that outlives it. */
struct tagging {
    @PREFIX@_session *session;
    @PREFIX@_task tasks[@UPPER@_TASK_COUNT]; /* in the order asked for */
    int task_count;
    uint64_t set;
    int probabilities;
    @PREFIX@_text words[BATCH_TOKENS + MOST_TOKENS]; /* those of the batch, then those of an unfinished sentence */
    int32_t batch_words, sentence_words;
    int32_t lengths[BATCH_SENTENCES];
    int32_t sentences;
};

/* The probability of the label that a token has. */
static double certainty(const struct tagging *t, @PREFIX@_task task, int32_t token) {
    int32_t label = @PREFIX@_labels(t->session, task)[token];
    size_t row = (size_t)token * (size_t)@PREFIX@_label_count(task);
    return (double)@PREFIX@_probabilities(t->session, task)[row + (size_t)label];
}

/* Tags the batch and writes it. Returns 0 or an exit code. */
static int flush_batch(struct tagging *t) {
    if (t->sentences == 0)
        return 0;
    uint32_t wanted = t->probabilities ? @UPPER@_PROBABILITIES : 0;
    @PREFIX@_status status =
        @PREFIX@_tag_batch(t->session, t->words, t->lengths, t->sentences, t->set, wanted);
    if (status != @UPPER@_OK)
        return fail(exit_code(status), "cannot tag the input", @PREFIX@_status_text(status));
    int32_t token = 0;
    for (int32_t s = 0; s < t->sentences; s++) {
        for (int32_t i = 0; i < t->lengths[s]; i++, token++) {
            fwrite(t->words[token].bytes, 1, t->words[token].count, stdout);
            for (int k = 0; k < t->task_count; k++) {
                printf("\t%s", @PREFIX@_word_tag(t->session, t->tasks[k], token));
                if (t->probabilities)
                    printf("\t%.6f", certainty(t, t->tasks[k], token));
            }
            putchar('\n');
        }
        putchar('\n');
    }
    memmove(t->words, t->words + t->batch_words, (size_t)t->sentence_words * sizeof *t->words);
    t->sentences = 0;
    t->batch_words = 0;
    return ferror(stdout) ? fail(INPUT_OUTPUT, "cannot write", strerror(errno)) : 0;
}

static int end_sentence(struct tagging *t) {
    if (t->sentence_words == 0)
        return 0;
    int is_full = t->sentences == BATCH_SENTENCES || t->batch_words + t->sentence_words > BATCH_TOKENS;
    int code = is_full ? flush_batch(t) : 0;
    if (code != 0)
        return code;
    t->lengths[t->sentences++] = t->sentence_words;
    t->batch_words += t->sentence_words;
    t->sentence_words = 0;
    return 0;
}

/* Appends a word to the unfinished sentence, which has fewer than MOST_TOKENS. */
static void add_word(struct tagging *t, const char *bytes, size_t count) {
    t->words[t->batch_words + t->sentence_words++] = (@PREFIX@_text){bytes, count};
}

/* ---- input ------------------------------------------------------------------------------------------- */

static int tag_text(struct tagging *t, const char *text, size_t bytes) {
    size_t capacity = 0, count = 0;
    (void)@PREFIX@_tokenize(text, bytes, NULL, 0, &count);
    @PREFIX@_token *tokens = grow(NULL, &capacity, count, sizeof *tokens);
    if (count > 0 && tokens == NULL)
        return fail(NO_MEMORY, "there is not enough memory for the text", NULL);
    int code = 0;
    @PREFIX@_status status = @PREFIX@_tokenize(text, bytes, tokens, capacity, &count);
    if (status != @UPPER@_OK)
        code = fail(exit_code(status), "the text cannot be cut into tokens", @PREFIX@_status_text(status));
    for (size_t i = 0; code == 0 && i < count; i++) {
        if (tokens[i].starts_sentence || t->sentence_words == MOST_TOKENS)
            code = end_sentence(t);
        add_word(t, text + tokens[i].begin, tokens[i].end - tokens[i].begin);
    }
    if (code == 0)
        code = end_sentence(t);
    if (code == 0)
        code = flush_batch(t);
    free(tokens);
    return code;
}

static int tag_lines(struct tagging *t, const char *text, size_t bytes) {
    const char *const end = text + bytes;
    int code = 0;
    size_t line = 1;
    for (const char *at = text; code == 0 && at < end; line++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end;
        const char *tab = memchr(at, '\t', (size_t)(stop - at));
        const char *last = tab == NULL ? stop : tab;
        if (last > at && last[-1] == '\r')
            last--;
        if (last == at) {
            code = end_sentence(t);
        } else if (t->sentence_words == MOST_TOKENS) {
            char place[32];
            snprintf(place, sizeof place, "line %zu", line);
            return fail(BAD_INPUT, "a sentence is longer than @TOKENS@ tokens", place);
        } else {
            add_word(t, at, (size_t)(last - at));
        }
        at = stop + 1;
    }
    if (code == 0)
        code = end_sentence(t);
    return code == 0 ? flush_batch(t) : code;
}

/* ---- the command ------------------------------------------------------------------------------------- */

static int read_input(char **text, size_t *bytes) {
    size_t capacity = 0;
    *text = NULL;
    *bytes = 0;
    for (;;) {
        char *larger = grow(*text, &capacity, *bytes + 65536, 1);
        if (larger == NULL)
            return fail(NO_MEMORY, "there is not enough memory for the input", NULL);
        *text = larger;
        size_t got = fread(*text + *bytes, 1, 65536, stdin);
        *bytes += got;
        if (got == 0)
            return ferror(stdin) ? fail(INPUT_OUTPUT, "cannot read", strerror(errno)) : 0;
    }
}

static int run(struct tagging *t, int is_words) {
    char *text;
    size_t bytes;
    int code = read_input(&text, &bytes);
    if (code == 0)
        code = is_words ? tag_lines(t, text, bytes) : tag_text(t, text, bytes);
    free(text);
    if (code == 0 && fflush(stdout) != 0)
        code = fail(INPUT_OUTPUT, "cannot write", strerror(errno));
    return code;
}

static int add_task(struct tagging *t, const char *name) {
    @PREFIX@_task task;
    if (@PREFIX@_find_task(name, &task) != @UPPER@_OK)
        return fail(USAGE, "there is no such task", name);
    if ((t->set >> task & 1) == 0)
        t->tasks[t->task_count++] = task;
    t->set |= UINT64_C(1) << task;
    return 0;
}

int main(int count, char **arguments) {
    static struct tagging t;
    int is_words = 0;
    const char *weights = NULL;
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i];
        const char *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (strcmp(option, "--help") == 0 || strcmp(option, "-h") == 0)
            return fputs(help, stdout) < 0 || fflush(stdout) != 0 ? INPUT_OUTPUT : 0;
        if (strcmp(option, "--version") == 0)
            return fputs(version, stdout) < 0 || fflush(stdout) != 0 ? INPUT_OUTPUT : 0;
        if (strcmp(option, "--words") == 0) {
            is_words = 1;
            continue;
        }
        if (strcmp(option, "--probabilities") == 0) {
            t.probabilities = 1;
            continue;
        }
        if (strcmp(option, "--task") != 0 && strcmp(option, "--weights") != 0 && strcmp(option, "--isa") != 0)
            return fail(USAGE, "unknown option; see --help", option);
        if (value == NULL)
            return fail(USAGE, "a value must follow this option", option);
        i++;
        if (strcmp(option, "--task") == 0 && add_task(&t, value) != 0)
            return USAGE;
        if (strcmp(option, "--weights") == 0)
            weights = value;
        if (strcmp(option, "--isa") == 0 && setenv("@UPPER@_ISA", value, 1) != 0)
            return fail(NO_MEMORY, "there is not enough memory", NULL);
    }
    if (t.task_count == 0)
        for (int task = 0; task < @UPPER@_TASK_COUNT; task++)
            add_task(&t, @PREFIX@_task_name((@PREFIX@_task)task));

    const @PREFIX@_model *model = NULL;
    @PREFIX@_status status = weights == NULL ? @PREFIX@_open_linked(&model) : @PREFIX@_open_file(weights, &model);
    if (status != @UPPER@_OK)
        return fail(exit_code(status), weights == NULL ? "cannot open the tagger" : weights,
                    @PREFIX@_status_text(status));
    const @PREFIX@_limits limits = {.tokens = MOST_TOKENS, .sentences = BATCH_SENTENCES, .batch_tokens = BATCH_TOKENS};
    status = @PREFIX@_session_new(model, &limits, &t.session);
    int code = status == @UPPER@_OK ? run(&t, is_words)
                                    : fail(exit_code(status), "cannot start", @PREFIX@_status_text(status));
    @PREFIX@_session_free(t.session);
    @PREFIX@_close(model);
    return code;
}

"""##,
    "python/build_tagger.py": ##"""
"""Builds the wheel of @NAME@ (PEP 517) with a C compiler and Python's own library: nothing has to be downloaded.

CC names the compiler (cc if absent), CFLAGS its options (-O2 if absent).
"""

import base64
import hashlib
import io
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from pathlib import Path

NAME = "@NAME@"
MODULE = "@PREFIX@"
VERSION = "@VERSION@"
SUMMARY = "@SUMMARY@"

HERE = Path(__file__).resolve().parent
# The C lies one folder up; in a source distribution below.
ROOT = HERE / "tagger" if (HERE / "tagger").is_dir() else HERE.parent
C_FILES = [f"{NAME}.c", f"{NAME}-weights.c"]
STEM = f"{re.sub('[-_.]+', '_', NAME).lower()}-{VERSION}"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Compiles the tagger, weights included, and writes a wheel for any Python 3 on this platform."""
    platform = sysconfig.get_platform()
    tag = "py3-none-" + re.sub("[-.]", "_", platform)
    information = f"{STEM}.dist-info"
    files = {f"{MODULE}/{path.name}": path.read_bytes() for path in (HERE / MODULE).glob("*.py")}
    files[f"{MODULE}/_native.so"] = _compiled(platform)
    files[f"{MODULE}/{NAME}.json"] = (ROOT / f"{NAME}.json").read_bytes()
    for licence in (ROOT / "LICENSES").iterdir():
        files[f"{information}/licenses/{licence.name}"] = licence.read_bytes()
    files[f"{information}/METADATA"] = _metadata()
    files[f"{information}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: weft\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    )
    record = f"{information}/RECORD"
    files[record] = "".join(
        f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in sorted(files.items())
    ).encode() + f"{record},,\n".encode()
    wheel = f"{STEM}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory, wheel), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items(), key=lambda file: (file[0] == record, file[0])):
            # No clock: equal packages and compilers give equal wheels.
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return wheel


def build_sdist(sdist_directory, config_settings=None):
    """Writes a source distribution: what stands here, and the C and its licences in the folder `tagger`."""
    root = [*C_FILES, f"{NAME}.h", f"{NAME}.weights", f"{NAME}.json", "README.md"]
    files = {path.relative_to(HERE): path for path in HERE.rglob("*.py")}
    files[Path("pyproject.toml")] = HERE / "pyproject.toml"
    files.update({Path("tagger", name): ROOT / name for name in root})
    files.update({Path("tagger", "LICENSES", path.name): path for path in (ROOT / "LICENSES").iterdir()})
    name = f"{STEM}.tar.gz"
    contents = {str(path): source.read_bytes() for path, source in files.items()}
    contents["PKG-INFO"] = _metadata()
    with tarfile.open(Path(sdist_directory, name), "w:gz") as archive:
        for path, data in sorted(contents.items()):
            entry = tarfile.TarInfo(f"{STEM}/{path}")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return name


def _metadata():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    head = [
        "Metadata-Version: 2.1",
        f"Name: {NAME}",
        f"Version: {VERSION}",
        f"Summary: {SUMMARY}",
        "Requires-Python: >=3.9",
        "Description-Content-Type: text/markdown",
    ]
    head += [f"License-File: {path.name}" for path in sorted((ROOT / "LICENSES").iterdir())]
    return ("\n".join(head) + "\n\n" + readme).encode("utf-8")


def _digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _compiled(platform):
    """The bytes of a plain shared library, which ctypes loads: it has nothing of Python in it."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder, "_native.so")
        command = shlex.split(os.environ.get("CC", "cc"))
        command += shlex.split(os.environ.get("CFLAGS", "-O2"))
        command += ["-std=c11", "-fPIC", "-ffp-contract=off"]
        if sys.platform == "darwin":
            machines = ["x86_64", "arm64"] if platform.endswith("universal2") else [platform.split("-")[-1]]
            command += ["-dynamiclib"] + [word for machine in machines for word in ("-arch", machine)]
        else:
            command += ["-shared"]
        # The compiler runs in the folder in which the weights are.
        command += ["-o", str(library), *C_FILES, "-lm"]
        try:
            subprocess.run(command, cwd=ROOT, check=True)
        except FileNotFoundError:
            raise RuntimeError(f"there is no C compiler '{command[0]}': install one, or name it by CC") from None
        return library.read_bytes()

"""##,
    "python/init.py": ##"""
"""@SUMMARY@

>>> tagger = Tagger()
>>> tagger.tag(["Ann", "lives", "in", "Oslo", "."], task="@FIRST_TASK@")

Pure ctypes over the C library of the package; nothing else is needed. A tagger may be used from any number of
threads: each of them gets a session of its own.
"""

import ctypes
import os
import threading
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

__all__ = ["LABELS", "TASKS", "Tagger", "TaggerError", "Token", "__version__"]
__version__ = "@VERSION@"

#: Names of the tasks, in the order of their numbers.
TASKS: Tuple[str, ...] = @PYTHON_TASKS@

#: By task: the labels that its probabilities are of, in their order.
LABELS: Dict[str, Tuple[str, ...]] = @PYTHON_LABELS@

_SCORES = 1
_PROBABILITIES = 2
_OK = 0
_TOO_SMALL = 2


class TaggerError(Exception):
    """What the library refuses: damaged weights, a sentence or word beyond the limits, an unknown task."""


class Token(NamedTuple):
    """A token of a text. `begin` and `end` are offsets of bytes in its UTF-8 form."""

    text: str
    begin: int
    end: int


class _Text(ctypes.Structure):
    _fields_ = [("bytes", ctypes.c_char_p), ("count", ctypes.c_size_t)]


class _Token(ctypes.Structure):
    _fields_ = [
        ("begin", ctypes.c_size_t),
        ("end", ctypes.c_size_t),
        ("starts_sentence", ctypes.c_int32),
    ]


class _Limits(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_int32)
        for name in ("tokens", "scalars", "sentences", "paths", "batch_tokens", "characters")
    ]


def _load(path: Optional[Union[str, Path]]) -> ctypes.CDLL:
    if path is None:
        folder = Path(__file__).resolve().parent
        found = sorted(folder.glob("_native*.so")) + sorted(folder.glob("_native*.dylib"))
        if not found:
            raise TaggerError(
                f"the C library is not in {folder}: install the wheel (pip install), or name a library"
            )
        path = found[0]
    library = ctypes.CDLL(str(path))
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
    out = ctypes.POINTER(ctypes.c_void_p)
    numbers, floats = ctypes.POINTER(ctypes.c_int32), ctypes.POINTER(ctypes.c_float)
    texts = ctypes.POINTER(_Text)
    tasks, wanted = ctypes.c_uint64, ctypes.c_uint32
    for name, result, arguments in [
        ("status_text", ctypes.c_char_p, [number]),
        ("version", ctypes.c_char_p, []),
        ("tag_text", ctypes.c_char_p, [number, number]),
        ("label_count", number, [number]),
        ("open_linked", number, [out]),
        ("open_file", number, [ctypes.c_char_p, out]),
        ("close", None, [pointer]),
        ("model_isa", ctypes.c_char_p, [pointer]),
        ("session_new", number, [pointer, ctypes.POINTER(_Limits), out]),
        ("session_free", None, [pointer]),
        ("tag_batch", number, [pointer, texts, numbers, number, tasks, wanted]),
        ("tags", numbers, [pointer, number]),
        ("probabilities", floats, [pointer, number]),
        ("nbest", number, [pointer, number, number, number, numbers, floats, numbers]),
        ("write_tags", number, [number, numbers, number, numbers]),
        ("tokenize", number, [ctypes.c_char_p, size, ctypes.POINTER(_Token), size, ctypes.POINTER(size)]),
    ]:
        function = getattr(library, "@PREFIX@_" + name)
        function.restype, function.argtypes = result, arguments
        setattr(library, name, function)
    return library


class _Model:
    """An open model, which is closed when neither tagger nor session needs it."""

    def __init__(self, library, weights):
        self.library = library
        self.handle = ctypes.c_void_p()
        if weights is None:
            status = library.open_linked(ctypes.byref(self.handle))
        else:
            status = library.open_file(os.fsencode(weights), ctypes.byref(self.handle))
        if status != _OK:
            where = "" if weights is None else f"{weights}: "
            raise TaggerError(where + library.status_text(status).decode())

    def __del__(self):
        if self.handle:
            self.library.close(self.handle)


class _Session:
    """One thread's session and its limits."""

    def __init__(self, model, limits):
        self.model = model
        self.limits = limits
        self.handle = ctypes.c_void_p()
        status = model.library.session_new(
            model.handle, ctypes.byref(_Limits(**limits)), ctypes.byref(self.handle)
        )
        if status != _OK:
            raise TaggerError(model.library.status_text(status).decode())

    def __del__(self):
        if self.handle:
            self.model.library.session_free(self.handle)


class Tagger:
    """The tagger.

    :param weights: a file of weights; those that are part of the library if absent
    :param library: the shared library; the one of this package if absent
    """

    #: Sentences that go through the network together.
    BATCH = 32

    def __init__(
        self, weights: Union[None, str, Path] = None, library: Union[None, str, Path] = None
    ):
        self._library = _load(library)
        self._model = _Model(self._library, weights)
        self._threads = threading.local()

    @property
    def isa(self) -> str:
        """The instruction set that was chosen, such as ``avx2``."""
        return self._library.model_isa(self._model.handle).decode()

    def tag(
        self, words: Sequence[str], task: Optional[str] = None
    ) -> Union[List[str], Dict[str, List[str]]]:
        """One tag a word; without a task a list for each task."""
        return self.tag_sentences([words], task)[0]

    def tag_sentences(self, sentences: Sequence[Sequence[str]], task: Optional[str] = None) -> list:
        """What `tag` gives for each of the sentences, which is faster than one after the other."""
        wanted = self._numbers(task)
        results: list = []
        for chunk in self._chunks(sentences):
            session = self._run(chunk, wanted, 0)
            rows = {n: self._library.tags(session.handle, n) for n in wanted}
            row = 0
            for sentence in chunk:
                tags = {
                    TASKS[n]: [self._tag_text(n, rows[n][row + i]) for i in range(len(sentence))]
                    for n in wanted
                }
                row += len(sentence)
                results.append(tags if task is None else tags[task])
        return results

    def probabilities(self, words: Sequence[str], task: str) -> List[List[float]]:
        """For each word the probability of each of `LABELS[task]`; marginals of a CRF."""
        (number,) = self._numbers(task)
        if not words:
            return []
        session = self._run([words], [number], _PROBABILITIES)
        values = self._library.probabilities(session.handle, number)
        columns = len(LABELS[task])
        return [list(values[i * columns : (i + 1) * columns]) for i in range(len(words))]

    def nbest(self, words: Sequence[str], task: str, n: int) -> List[Tuple[float, List[str]]]:
        """The most probable tag sequences, best first: (natural logarithm of the probability, tags)."""
        if n < 1:
            raise ValueError("n must be at least 1")
        (number,) = self._numbers(task)
        if not words:
            return []
        session = self._run([words], [number], _SCORES, paths=n)
        count = len(words)
        paths = (ctypes.c_int32 * (n * count))()
        scores = (ctypes.c_float * n)()
        found = ctypes.c_int32()
        self._check(
            self._library.nbest(session.handle, number, 0, n, paths, scores, ctypes.byref(found))
        )
        tags = (ctypes.c_int32 * count)()
        results = []
        for k in range(found.value):
            path = (ctypes.c_int32 * count)(*paths[k * count : (k + 1) * count])
            self._check(self._library.write_tags(number, path, count, tags))
            results.append((scores[k], [self._tag_text(number, tag) for tag in tags]))
        return results

    def tokenize(self, text: str) -> List[List[Token]]:
        """Raw text as sentences of tokens."""
        data = text.encode("utf-8", "surrogatepass")
        count = ctypes.c_size_t()
        status = self._library.tokenize(data, len(data), None, 0, ctypes.byref(count))
        if status not in (_OK, _TOO_SMALL):
            self._check(status)
        tokens = (_Token * max(count.value, 1))()
        self._check(
            self._library.tokenize(data, len(data), tokens, count.value, ctypes.byref(count))
        )
        sentences: List[List[Token]] = []
        for token in tokens[: count.value]:
            if token.starts_sentence or not sentences:
                sentences.append([])
            piece = data[token.begin : token.end].decode("utf-8", "replace")
            sentences[-1].append(Token(piece, token.begin, token.end))
        return sentences

    # -- behind it ------------------------------------------------------------------------------

    def _check(self, status: int) -> None:
        if status != _OK:
            raise TaggerError(self._library.status_text(status).decode())

    def _numbers(self, task: Optional[str]) -> List[int]:
        if task is None:
            return list(range(len(TASKS)))
        if task not in TASKS:
            raise TaggerError(f"there is no task {task!r}; there are {', '.join(TASKS)}")
        return [TASKS.index(task)]

    def _tag_text(self, task: int, tag: int) -> str:
        return self._library.tag_text(task, tag).decode()

    def _chunks(self, sentences):
        """Runs of sentences that one batch takes; empty sentences are allowed."""
        chunk: list = []
        tokens = 0
        for sentence in sentences:
            if chunk and (len(chunk) == self.BATCH or tokens + len(sentence) > @BATCH_TOKENS@):
                yield chunk
                chunk, tokens = [], 0
            chunk.append(sentence)
            tokens += len(sentence)
        if chunk:
            yield chunk

    def _session(self, paths: int) -> _Session:
        session = getattr(self._threads, "session", None)
        if session is None or session.limits["paths"] < paths:
            limits = {"sentences": self.BATCH, "batch_tokens": @BATCH_TOKENS@, "paths": paths}
            session = _Session(self._model, limits)
            self._threads.session = session
        return session

    def _run(self, sentences, tasks: List[int], wanted: int, paths: int = 1) -> _Session:
        session = self._session(paths)
        # Empty sentences stay out of the batch; their results are empty whatever it holds.
        filled = [sentence for sentence in sentences if len(sentence) > 0]
        encoded = [word.encode("utf-8", "surrogatepass") for sentence in filled for word in sentence]
        words = (_Text * max(len(encoded), 1))()
        for entry, word in zip(words, encoded):
            entry.bytes, entry.count = word, len(word)
        lengths = (ctypes.c_int32 * max(len(filled), 1))(*[len(sentence) for sentence in filled])
        if filled:
            selected = sum(1 << number for number in tasks)
            self._check(
                self._library.tag_batch(
                    session.handle, words, lengths, len(filled), selected, wanted
                )
            )
        return session

"""##,
    "python/pyproject.toml": ##"""
# The build needs a C compiler and nothing else.
[build-system]
requires = []
build-backend = "build_tagger"
backend-path = ["."]

[project]
name = "@NAME@"
version = "@VERSION@"
description = "@SUMMARY@"
requires-python = ">=3.9"

"""##,
    "readme/README.md": ##"""
# @NAME@

@SUMMARY@. Made by Weft @TOOL_VERSION@ from the spec in `@NAME@.json`; nothing here needs Weft any more.

@TASK_TABLE@

@SCORE_TABLE@

Weights are stored as @WEIGHTS@. `@NAME@.h` says all about limits, memory and threads.

## From the command line

```
make
echo 'Ann lives in Oslo. She likes it.' | ./@NAME@ --task @FIRST_TASK@
```

`./@NAME@ --help` lists what else it can; `--version` says what exactly was packaged.

## C and C++

`@NAME@.h`, `@NAME@.c` and `@NAME@-weights.c` (which takes in `@NAME@.weights`) are all there is; add them to a build
as they are, or use `make install` with `pkg-config @NAME@`@CMAKE_SENTENCE@.

```c
#include "@NAME@.h"
#include <stdio.h>

int main(void) {
    const @PREFIX@_model *model;
    @PREFIX@_session *session;
    if (@PREFIX@_open_linked(&model) != @UPPER@_OK || @PREFIX@_session_new(model, NULL, &session) != @UPPER@_OK)
        return 1;
    @PREFIX@_text words[] = {{"Ann", 3}, {"lives", 5}, {"in", 2}, {"Oslo", 4}, {".", 1}};
    if (@PREFIX@_tag(session, words, 5, @UPPER@_ALL_TASKS, 0) == @UPPER@_OK)
        for (int32_t i = 0; i < 5; i++)
            puts(@PREFIX@_word_tag(session, (@PREFIX@_task)0, i));
    @PREFIX@_session_free(session);
    @PREFIX@_close(model);
}
```
@CMAKE_SECTION@@SWIFT_SECTION@@PYTHON_SECTION@
## Tests

`make test` tests the library and the command.@TEST_SENTENCES@ All of them tag the sentences of `test/expected.tsv`,
whose tags are those that the trained model gave.

## Licences

@LICENCES@

"""##,
    "swift/Package.swift": ##"""
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "@NAME@",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [.library(name: "@MODULE@", targets: ["@MODULE@"])],
  targets: [
    // The C of the package and its weights, which Sources/C@MODULE@ includes from the package's root.
    .target(
      name: "C@MODULE@", publicHeadersPath: "include",
      cSettings: [.headerSearchPath("../..")],
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .target(name: "@MODULE@", dependencies: ["C@MODULE@"]),
    .testTarget(
      name: "@MODULE@Tests", dependencies: ["@MODULE@"], path: "test",
      exclude: [@SWIFT_TEST_EXCLUDES@], sources: ["swift"], resources: [.copy("expected.tsv")]),
  ],
  swiftLanguageModes: [.v6]
)

"""##,
    "swift/Session.swift": ##"""
import C@MODULE@

/// All that changes while one thread tags: memory for the network, and the results of the last call.
///
/// Nothing is allocated by the C code after `init`; results are read in place by `with…` and `copy…`.
public struct Session: ~Copyable {
  /// The most that a session takes. A zero stands for what the package was made for.
  public struct Limits: Sendable, Equatable {
    /// Tokens of the longest sentence.
    public var tokens = 0
    /// Unicode scalars of the longest word.
    public var scalars = 0
    /// Sentences of a batch.
    public var sentences = 0
    /// Tag sequences of ``Session/best(_:_:)``.
    public var paths = 0
    public init() {}
  }

  /// What is computed besides tags.
  public struct Outputs: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// For ``Session/best(_:_:)``.
    public static let scores = Outputs(rawValue: UInt32(@UPPER@_SCORES))
    public static let probabilities = Outputs(rawValue: UInt32(@UPPER@_PROBABILITIES))
  }

  public let tagger: Tagger
  private let handle: OpaquePointer
  private var bytes: [UInt8] = []
  private var starts: [Int] = []
  /// Tokens that the last call tagged.
  public private(set) var tokenCount = 0

  /// - Throws: ``TaggerError`` for limits beyond those of the package, or for want of memory.
  public init(_ tagger: Tagger, limits: Limits = Limits()) throws(TaggerError) {
    var own = @PREFIX@_limits()
    own.tokens = Int32(clamping: limits.tokens)
    own.scalars = Int32(clamping: limits.scalars)
    own.sentences = Int32(clamping: limits.sentences)
    own.paths = Int32(clamping: limits.paths)
    var handle: OpaquePointer?
    try TaggerError.check(@PREFIX@_session_new(tagger.model, &own, &handle))
    self.handle = try TaggerError.unwrap(handle)
    self.tagger = tagger
  }

  deinit { @PREFIX@_session_free(handle) }

  // MARK: Tagging

  /// Tags the words of one sentence.
  ///
  /// - Throws: ``TaggerError`` for a sentence or word beyond the limits, or an empty word.
  public mutating func tag(
    _ words: Span<String>, tasks: TaggingTasks = .all, outputs: Outputs = []
  ) throws(TaggerError) {
    bytes.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    for index in words.indices {
      starts.append(bytes.count)
      bytes.append(contentsOf: words[index].utf8)
    }
    starts.append(bytes.count)
    // Sound: `run` is given bytes that live until it returns.
    let (handle, starts) = (handle, starts)
    let status = bytes.withUnsafeBufferPointer {
      Self.run(handle, $0, zip(starts, starts.dropFirst()).map { $0..<$1 }, tasks, outputs)
    }
    tokenCount = status == @UPPER@_OK ? words.count : 0
    try TaggerError.check(status)
  }

  /// Tags the words of one sentence.
  public mutating func tag(
    _ words: [String], tasks: TaggingTasks = .all, outputs: Outputs = []
  ) throws(TaggerError) {
    try tag(words.span, tasks: tasks, outputs: outputs)
  }

  /// Tags tokens of a text in place, such as ``Tokenizer`` finds them; nothing is copied.
  ///
  /// - Parameters:
  ///   - text: UTF-8.
  ///   - tokens: of one sentence.
  public mutating func tag(
    utf8 text: Span<UInt8>, tokens: Span<Token>, tasks: TaggingTasks = .all, outputs: Outputs = []
  ) throws(TaggerError) {
    var ranges: [Range<Int>] = []
    ranges.reserveCapacity(tokens.count)
    for index in tokens.indices {
      let range = tokens[index].bytes
      precondition(range.lowerBound >= 0 && range.upperBound <= text.count, "a token lies outside of the text")
      ranges.append(range)
    }
    let handle = handle
    // Sound: every token lies in the text, which lives as long as the call.
    let status = text.withUnsafeBufferPointer { Self.run(handle, $0, ranges, tasks, outputs) }
    tokenCount = status == @UPPER@_OK ? ranges.count : 0
    try TaggerError.check(status)
  }

  /// Tags words that stand in a text.
  private static func run(
    _ handle: OpaquePointer, _ text: UnsafeBufferPointer<UInt8>, _ ranges: [Range<Int>], _ tasks: TaggingTasks,
    _ outputs: Outputs
  ) -> @PREFIX@_status {
    text.withMemoryRebound(to: CChar.self) { characters in
      let words = ranges.map { range in
        @PREFIX@_text(bytes: characters.baseAddress.map { $0 + range.lowerBound }, count: range.count)
      }
      return @PREFIX@_tag(handle, words, Int32(clamping: words.count), tasks.rawValue, outputs.rawValue)
    }
  }

  // MARK: Results of the last call

  /// The tags of a task, one a token.
  ///
  /// - Returns: nothing if the last call was not about the task.
  public func tags<Tag: TaskTag>(_: Tag.Type = Tag.self) -> [Tag] {
    guard let tags = @PREFIX@_tags(handle, Tag.task.c) else { return [] }
    return (0..<tokenCount).map { Tag(rawValue: tags[$0])! }
  }

  /// Writes the tags of a task, as many as there is room for.
  ///
  /// - Returns: how many were written; 0 if the last call was not about the task.
  public func copyTags<Tag: TaskTag>(into target: inout MutableSpan<Tag>) -> Int {
    guard let tags = @PREFIX@_tags(handle, Tag.task.c) else { return 0 }
    let count = min(tokenCount, target.count)
    for index in 0..<count { target[index] = Tag(rawValue: tags[index])! }
    return count
  }

  /// Label probabilities of a task in place: [tokens × ``TaskTag/labels``], row by row.
  ///
  /// - Returns: nil if the last call did not compute them.
  public func withProbabilities<Tag: TaskTag, Result, Failure: Error>(
    of _: Tag.Type, _ body: (Span<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result? {
    guard let values = @PREFIX@_probabilities(handle, Tag.task.c) else { return nil }
    // Sound: the C library keeps tokens × labels values until the next call, which `self` cannot make meanwhile.
    let buffer = UnsafeBufferPointer(start: values, count: tokenCount * Int(@PREFIX@_label_count(Tag.task.c)))
    return try body(buffer.span)
  }

  /// The most probable tag sequences of the sentence last tagged, best first; fewer if there are no more.
  ///
  /// Needs ``Outputs/scores``, and limits with as many `paths`.
  public func best<Tag: TaskTag>(_: Tag.Type = Tag.self, _ count: Int)
    throws(TaggerError) -> [(tags: [Tag], logProbability: Float)]
  {
    let width = max(tokenCount, 1)
    var paths = [Int32](repeating: 0, count: count * width)
    var scores = [Float](repeating: 0, count: count)
    var found: Int32 = 0
    try TaggerError.check(
      @PREFIX@_nbest(handle, Tag.task.c, 0, Int32(clamping: count), &paths, &scores, &found))
    var results: [(tags: [Tag], logProbability: Float)] = []
    for index in 0..<Int(found) {
      let labels = Array(paths[index * tokenCount..<(index + 1) * tokenCount])
      var tags = [Int32](repeating: 0, count: width)
      @PREFIX@_write_tags(Tag.task.c, labels, Int32(tokenCount), &tags)
      results.append((tags.prefix(tokenCount).map { Tag(rawValue: $0)! }, scores[index]))
    }
    return results
  }
}

"""##,
    "swift/Tagger.swift": ##"""
import C@MODULE@

/// The tagger '@NAME@': its weights, which any number of threads share.
///
/// A ``Session`` does the tagging.
public final class Tagger: Sendable {
  // Sound to share: an open model is only read, until `deinit` closes it.
  nonisolated(unsafe) let model: OpaquePointer

  /// Opens the weights that are a part of the program.
  ///
  /// - Throws: ``TaggerError`` for an instruction set in the environment variable `@UPPER@_ISA` that this processor
  ///   lacks, or for want of memory.
  public init() throws(TaggerError) {
    var model: OpaquePointer?
    try TaggerError.check(@PREFIX@_open_linked(&model))
    self.model = try TaggerError.unwrap(model)
  }

  /// Opens a file of weights, which is mapped and not copied.
  ///
  /// - Throws: ``TaggerError`` if it cannot be read, or is damaged or of another network.
  public init(weights path: String) throws(TaggerError) {
    var model: OpaquePointer?
    try TaggerError.check(@PREFIX@_open_file(path, &model))
    self.model = try TaggerError.unwrap(model)
  }

  deinit { @PREFIX@_close(model) }

  /// The instruction set that was chosen, such as `avx512`.
  public var instructionSet: String { String(cString: @PREFIX@_model_isa(model)) }

  /// Version of the package.
  public static var version: String { String(cString: @PREFIX@_version()) }
}

/// What the tagger refuses.
public struct TaggerError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The status of the C library.
  public let status: Int32
  public var description: String {
    String(cString: @PREFIX@_status_text(@PREFIX@_status(rawValue: numericCast(status))))
  }

  static func check(_ status: @PREFIX@_status) throws(TaggerError) {
    if status != @UPPER@_OK { throw TaggerError(status: numericCast(status.rawValue)) }
  }

  static func unwrap(_ pointer: OpaquePointer?) throws(TaggerError) -> OpaquePointer {
    guard let pointer else { throw TaggerError(status: numericCast(@UPPER@_NO_MEMORY.rawValue)) }
    return pointer
  }
}

"""##,
    "swift/Tags.swift": ##"""
import C@MODULE@

/// A text of the C library, which has one for each number that the types here can hold.
private func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

/// A task of the tagger.
public enum TaggingTask: Int32, Sendable, CaseIterable {
@SWIFT_TASKS@

  /// As the spec calls it.
  public var name: String { text(@PREFIX@_task_name(c)) }

  var c: @PREFIX@_task { @PREFIX@_task(rawValue: numericCast(rawValue)) }
}

/// Tasks that one pass computes.
public struct TaggingTasks: OptionSet, Sendable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }
  public init(_ task: TaggingTask) { rawValue = 1 << UInt64(task.rawValue) }
@SWIFT_TASK_SETS@
  public static let all = TaggingTasks(rawValue: (1 << UInt64(TaggingTask.allCases.count)) - 1)
}

/// The tags of one task, as its data write them.
public protocol TaskTag: RawRepresentable<Int32>, CaseIterable, Sendable, CustomStringConvertible {
  static var task: TaggingTask { get }
}

extension TaskTag {
  /// As the data write it.
  public var description: String { text(@PREFIX@_tag_text(Self.task.c, rawValue)) }

  /// The model's own labels, which probabilities are of, in their order.
  public static var labels: [String] {
    (0..<@PREFIX@_label_count(task.c)).map { text(@PREFIX@_label(task.c, $0)) }
  }
}

@SWIFT_TAGS@

"""##,
    "swift/Tests.swift": ##"""
import Foundation
import Testing

@testable import @MODULE@

struct TaggerTests {
  /// Words and, by task, the tags that the tagger gave when it was packaged.
  static let expected: [(words: [String], tags: [[String]])] = {
    guard let url = Bundle.module.url(forResource: "expected", withExtension: "tsv"),
      let text = try? String(contentsOf: url, encoding: .utf8)
    else { return [] }
    return text.components(separatedBy: "\n\n").compactMap { block in
      let rows = block.split(separator: "\n").map { $0.components(separatedBy: "\t") }
      if rows.isEmpty { return nil }
      return (rows.map { $0[0] }, TaggingTask.allCases.indices.map { task in rows.map { $0[task + 1] } })
    }
  }()

  static func tags<Tag: TaskTag>(of _: Tag.Type, _ session: borrowing Session) -> [String] {
    session.tags(Tag.self).map(\.description)
  }

  @Test func tagsAreThoseOfThePackage() throws {
    #expect(!Self.expected.isEmpty)
    var session = try Session(Tagger())
    for sentence in Self.expected {
      try session.tag(sentence.words, outputs: .probabilities)
      let found = [@SWIFT_TEST_TAGS@]
      #expect(found == sentence.tags)
      let count = session.tags(@FIRST_TAG@.self).count
      #expect(count == sentence.words.count)
      let sums = session.withProbabilities(of: @FIRST_TAG@.self) { values in
        let width = @FIRST_TAG@.labels.count
        return (0..<sentence.words.count).map { row in
          (0..<width).reduce(Float(0)) { $0 + values[row * width + $1] }
        }
      }
      for sum in try #require(sums) { #expect(abs(sum - 1) < 1e-3) }
    }
  }

  @Test func textIsTaggedInPlace() throws {
    let sentence = try #require(Self.expected.first)
    var bytes: [UInt8] = []
    var tokens: [Token] = []
    for word in sentence.words {
      let start = bytes.count
      bytes += Array(word.utf8)
      tokens.append(Token(bytes: start..<bytes.count, startsSentence: tokens.isEmpty))
      bytes.append(0x20)
    }
    var session = try Session(Tagger())
    try session.tag(utf8: bytes.span, tokens: tokens.span, tasks: TaggingTasks(@FIRST_TAG@.task))
    let found = Self.tags(of: @FIRST_TAG@.self, session)
    #expect(found == sentence.tags[Int(@FIRST_TAG@.task.rawValue)])
    var tags = Array(repeating: @FIRST_TAG@.allCases[0], count: sentence.words.count)
    var span = tags.mutableSpan
    let count = session.copyTags(into: &span)
    #expect(count == sentence.words.count)
    #expect(tags.map(\.description) == found)
  }

  @Test func theBestSequenceIsTheOneGiven() throws {
    let sentence = try #require(Self.expected.first)
    var limits = Session.Limits()
    limits.paths = 3
    var session = try Session(Tagger(), limits: limits)
    try session.tag(sentence.words, outputs: .scores)
    let best = try session.best(@FIRST_TAG@.self, 3)
    let tags = session.tags(@FIRST_TAG@.self)
    #expect(best.first?.tags == tags)
    #expect(best.map(\.logProbability) == best.map(\.logProbability).sorted(by: >))
  }

  @Test func textBecomesSentences() throws {
    let sentences = try Tokenizer.sentences(of: "Ann lives in Oslo. She likes it.")
    #expect(sentences == [["Ann", "lives", "in", "Oslo", "."], ["She", "likes", "it", "."]])
  }

  @Test func mistakesAreErrors() throws {
    #expect(throws: TaggerError.self) { try Tagger(weights: "missing.weights") }
    var session = try Session(Tagger())
    var isRefused = false
    do { try session.tag(Array(repeating: "word", count: @TOKENS@ + 1)) } catch { isRefused = true }
    #expect(isRefused)
  }
}

"""##,
    "swift/Tokenizer.swift": ##"""
import C@MODULE@

/// A token of a text.
public struct Token: Sendable, Equatable {
  /// Where it stands in the UTF-8 text.
  public var bytes: Range<Int>
  public var startsSentence: Bool
  public init(bytes: Range<Int>, startsSentence: Bool) {
    self.bytes = bytes
    self.startsSentence = startsSentence
  }
}

/// Cuts raw text into tokens and sentences.
public enum Tokenizer {
  /// The tokens of a UTF-8 text.
  public static func tokens(in text: Span<UInt8>) throws(TaggerError) -> [Token] {
    var count = 0
    // Sound: the text lives as long as each call, and the C library writes at most `capacity` tokens.
    func run(_ tokens: UnsafeMutablePointer<@PREFIX@_token>?, _ capacity: Int) -> @PREFIX@_status {
      text.withUnsafeBufferPointer { buffer in
        buffer.withMemoryRebound(to: CChar.self) {
          @PREFIX@_tokenize($0.baseAddress, buffer.count, tokens, capacity, &count)
        }
      }
    }
    let first = run(nil, 0)
    if first != @UPPER@_TOO_SMALL { try TaggerError.check(first) }
    if count == 0 { return [] }
    var found = [@PREFIX@_token](repeating: @PREFIX@_token(), count: count)
    let status = found.withUnsafeMutableBufferPointer { run($0.baseAddress, $0.count) }
    try TaggerError.check(status)
    return found.map { Token(bytes: Int($0.begin)..<Int($0.end), startsSentence: $0.starts_sentence != 0) }
  }

  /// A text as sentences of words.
  public static func sentences(of text: String) throws(TaggerError) -> [[String]] {
    let bytes = Array(text.utf8)
    var sentences: [[String]] = []
    for token in try tokens(in: bytes.span) {
      if token.startsSentence || sentences.isEmpty { sentences.append([]) }
      sentences[sentences.count - 1].append(String(decoding: bytes[token.bytes], as: UTF8.self))
    }
    return sentences
  }
}

"""##,
    "swift/shim-weights.c": ##"""
/* The weights, as a part of the program. */
#include "../../@NAME@-weights.c"

"""##,
    "swift/shim.c": ##"""
/* The tagger itself stands at the package's root, for those who do not use Swift. */
#include "../../@NAME@.c"

"""##,
    "swift/shim.h": ##"""
/* What the Swift module C@MODULE@ shows: the public header of the tagger. */
#include "../../../@NAME@.h"

"""##,
    "test/command.sh": ##"""
#!/bin/sh
# command.sh COMMAND EXPECTED - the command gives the expected tags, in whatever order and number tasks are asked for.
set -eu
command=$1
expected=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cut -f 1 "$expected" | "$command" --words > "$scratch/all"
cmp "$expected" "$scratch/all"

column=2
for task in @TASK_WORDS@; do
  cut -f 1 "$expected" | "$command" --words --task "$task" > "$scratch/one"
  cut -f 1,$column "$expected" | cmp - "$scratch/one"
  column=$((column + 1))
done

printf 'Ann lives in Oslo. She likes it.' | "$command" > "$scratch/text"
test "$(cut -f 1 "$scratch/text" | tr '\n' ' ')" = 'Ann lives in Oslo .  She likes it .  '
"$command" --version | grep -q '@ARCHITECTURE@'
"$command" --help | grep -q -e '--task'
printf '' | "$command" | cmp - /dev/null
if "$command" --task no-such-task < /dev/null 2> "$scratch/error"; then exit 1; fi
grep -q 'there is no such task: no-such-task' "$scratch/error"
echo '@NAME@ (command): ok'

"""##,
    "test/test.c": ##"""
/* Tags the sentences of a file (a word a line, its tags behind it) and compares, with weights linked in, mapped
   from a file, and in memory. Usage: @NAME@-test EXPECTED WEIGHTS */
#include "@NAME@.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 256 };

static int failures = 0;

static void expect(int is_so, const char *what) {
    if (!is_so) {
        fprintf(stderr, "failed: %s\n", what);
        failures++;
    }
}

/* The whole of a file, which must not be empty, at an address that a blob may have. */
static char *read_file(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    char *content = NULL;
    if (file != NULL && fseek(file, 0, SEEK_END) == 0) {
        long size = ftell(file);
        if (size > 0 && fseek(file, 0, SEEK_SET) == 0 && (content = malloc((size_t)size + 1)) != NULL) {
            *bytes = fread(content, 1, (size_t)size, file);
            content[*bytes] = 0;
        }
    }
    if (file != NULL)
        fclose(file);
    if (content == NULL) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    return content;
}

/* Tags one sentence, whose lines hold a word and its tags. */
static void check_sentence(@PREFIX@_session *session, char lines[LONGEST][512], int32_t count) {
    @PREFIX@_text words[LONGEST] = {{NULL, 0}};
    for (int32_t i = 0; i < count; i++)
        words[i] = (@PREFIX@_text){lines[i], strcspn(lines[i], "\t")};
    @PREFIX@_status status = @PREFIX@_tag(session, words, count, @UPPER@_ALL_TASKS, @UPPER@_PROBABILITIES);
    expect(status == @UPPER@_OK, @PREFIX@_status_text(status));
    if (status != @UPPER@_OK)
        return;
    for (int32_t i = 0; i < count; i++) {
        const char *expected = lines[i] + words[i].count;
        for (int task = 0; task < @UPPER@_TASK_COUNT; task++) {
            const char *tag = @PREFIX@_word_tag(session, (@PREFIX@_task)task, i);
            size_t length = strlen(tag);
            int is_equal = *expected == '\t' && strncmp(expected + 1, tag, length) == 0 &&
                           (expected[length + 1] == '\t' || expected[length + 1] == 0);
            expect(is_equal, lines[i]);
            expected += is_equal ? length + 1 : 0;

            const float *row = @PREFIX@_probabilities(session, (@PREFIX@_task)task);
            int32_t labels = @PREFIX@_label_count((@PREFIX@_task)task);
            double sum = 0;
            for (int32_t k = 0; k < labels; k++)
                sum += (double)row[i * labels + k];
            expect(sum > 0.999 && sum < 1.001, "probabilities do not sum to 1");
        }
    }
}

static void check_model(const @PREFIX@_model *model, const char *expected) {
    static char lines[LONGEST][512];
    @PREFIX@_session *session = NULL;
    expect(@PREFIX@_session_new(model, NULL, &session) == @UPPER@_OK, "a session");
    int32_t count = 0, sentences = 0;
    while (session != NULL && *expected != 0) {
        size_t length = strcspn(expected, "\n");
        if (length > 0 && count < LONGEST)
            snprintf(lines[count++], sizeof lines[0], "%.*s", (int)length, expected);
        expected += length + (expected[length] == '\n');
        if ((length == 0 || *expected == 0) && count > 0) {
            check_sentence(session, lines, count);
            sentences++;
            count = 0;
        }
    }
    expect(sentences > 0, "no sentences");
    @PREFIX@_session_free(session);
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: %s EXPECTED WEIGHTS\n", arguments[0]);
        return 2;
    }
    size_t expected_bytes, blob_bytes;
    char *expected = read_file(arguments[1], &expected_bytes);
    char *blob = read_file(arguments[2], &blob_bytes);

    const @PREFIX@_model *model = NULL;
    expect(@PREFIX@_open_linked(&model) == @UPPER@_OK, "linked weights");
    if (model != NULL)
        check_model(model, expected);
    @PREFIX@_close(model);

    model = NULL;
    expect(@PREFIX@_open_file(arguments[2], &model) == @UPPER@_OK, "weights from a file");
    if (model != NULL)
        check_model(model, expected);
    @PREFIX@_close(model);

    model = NULL;
    expect(@PREFIX@_open_memory(blob, blob_bytes, &model) == @UPPER@_OK, "weights in memory");
    if (model != NULL)
        check_model(model, expected);
    @PREFIX@_close(model);

    /* Damage is found out. */
    model = NULL;
    blob[blob_bytes / 2] ^= 1;
    expect(@PREFIX@_open_memory(blob, blob_bytes, &model) == @UPPER@_BAD_MODEL, "damaged weights");
    expect(@PREFIX@_open_file("missing.weights", &model) == @UPPER@_NO_FILE, "missing weights");

    free(blob);
    free(expected);
    if (failures == 0)
        printf("@NAME@ (C): ok\n");
    return failures == 0 ? 0 : 1;
}

"""##,
    "test/test_python.py": ##"""
"""Tests of the Python binding: `python test/test_python.py`, with the wheel installed."""

import threading
import unittest
from pathlib import Path

import @PREFIX@

FOLDER = Path(__file__).resolve().parent
EXPECTED = FOLDER / "expected.tsv"


def sentences():
    for block in EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n"):
        rows = [line.split("\t") for line in block.split("\n")]
        words = [row[0] for row in rows]
        tags = {task: [row[k + 1] for row in rows] for k, task in enumerate(@PREFIX@.TASKS)}
        yield words, tags


class TaggerTests(unittest.TestCase):
    def setUp(self):
        self.tagger = @PREFIX@.Tagger()

    def test_every_task_at_once(self):
        for words, tags in sentences():
            self.assertEqual(self.tagger.tag(words), tags)

    def test_one_task_and_batches(self):
        data = list(sentences())
        for task in @PREFIX@.TASKS:
            found = self.tagger.tag_sentences([words for words, _ in data], task)
            self.assertEqual(found, [tags[task] for _, tags in data])

    def test_weights_of_a_file(self):
        tagger = @PREFIX@.Tagger(weights=FOLDER.parent / "@NAME@.weights")
        for words, tags in sentences():
            self.assertEqual(tagger.tag(words), tags)

    def test_probabilities(self):
        words, _ = next(sentences())
        for task in @PREFIX@.TASKS:
            for row in self.tagger.probabilities(words, task):
                self.assertEqual(len(row), len(@PREFIX@.LABELS[task]))
                self.assertAlmostEqual(sum(row), 1, places=3)

    def test_nbest(self):
        words, tags = next(sentences())
        for task in @PREFIX@.TASKS:
            paths = self.tagger.nbest(words, task, 3)
            self.assertTrue(1 <= len(paths) <= 3)
            self.assertEqual(paths[0][1], tags[task])
            scores = [score for score, _ in paths]
            self.assertEqual(scores, sorted(scores, reverse=True))

    def test_text(self):
        text = "Ann lives in Oslo. She likes København."
        found = self.tagger.tokenize(text)
        data = text.encode()
        for token in [token for sentence in found for token in sentence]:
            self.assertEqual(data[token.begin : token.end].decode(), token.text)
        self.assertIn("København", [token.text for token in found[-1]])

    def test_nothing(self):
        self.assertEqual(self.tagger.tag([], @PREFIX@.TASKS[0]), [])
        self.assertEqual(self.tagger.tag_sentences([]), [])
        self.assertEqual(self.tagger.tokenize(""), [])

    def test_threads(self):
        data = list(sentences())
        wrong = []

        def work():
            for words, tags in data:
                if self.tagger.tag(words) != tags:
                    wrong.append(words)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_mistakes(self):
        with self.assertRaises(@PREFIX@.TaggerError):
            self.tagger.tag(["a"], task="no such task")
        with self.assertRaises(@PREFIX@.TaggerError):
            self.tagger.tag(["word"] * (@TOKENS@ + 1))
        with self.assertRaises(@PREFIX@.TaggerError):
            @PREFIX@.Tagger(weights="missing.weights")


if __name__ == "__main__":
    unittest.main()

"""##,
  ]
}
