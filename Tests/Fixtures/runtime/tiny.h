/* The smallest network that has everything: scores of a token are the row of its word plus a bias; one softmax task.
   Written by hand against the ABI, as generated libraries are. */
#ifndef TINY_H
#define TINY_H

#include "weft_abi.h"

enum { TINY_WORDS = 5, TINY_LABELS = 3, TINY_BIAS = 16, TINY_FLOATS = 32 };

static const weft_parameter tiny_parameters[] = {
    {"words.weight", 0, TINY_WORDS, TINY_LABELS, WEFT_ROW_SPARSE | WEFT_TRAINABLE, 1},
    {"heads.tag.bias", TINY_BIAS, TINY_LABELS, 1, WEFT_TRAINABLE, 1},
};
static const weft_task tiny_tasks[] = {{"tag", TINY_LABELS, 0}};
static const weft_site tiny_sites[] = {{"noise.input", WEFT_TOKEN, TINY_LABELS}};

#define TINY_TABLES(inputs, count, isas)                                                                     \
    {"tiny", "test", "0123456789abcdef", isas, 2, count, 1, 1, tiny_parameters, inputs, tiny_tasks, tiny_sites, \
     TINY_FLOATS, 0}

#endif
