/* tag-file FILE: tags a file of raw text with every task of the tagger 'tiny'. The weights are a part of the program,
   and nothing is allocated once the session is there but for the text. */
#include "tiny.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_TOKENS = 65536 };

static int fail(const char *what, tiny_status status) {
    fprintf(stderr, "tag-file: %s: %s\n", what, tiny_status_text(status));
    return 1;
}

/* Tags the tokens of one sentence and prints them, tabs between word and tags. */
static tiny_status tag_sentence(tiny_session *session, const char *text, const tiny_token *tokens, int32_t count) {
    static tiny_text words[TINY_DEFAULT_TOKENS];
    if (count > TINY_DEFAULT_TOKENS)
        return TINY_TOO_LONG;
    for (int32_t i = 0; i < count; i++)
        words[i] = (tiny_text){text + tokens[i].begin, tokens[i].end - tokens[i].begin};
    tiny_status status = tiny_tag(session, words, count, TINY_ALL_TASKS, 0);
    for (int32_t i = 0; status == TINY_OK && i < count; i++)
        printf("%.*s\t%s\t%s\n", (int)words[i].count, words[i].bytes, tiny_word_tag(session, TINY_TASK_POS, i),
               tiny_word_tag(session, TINY_TASK_NER, i));
    putchar('\n');
    return status;
}

int main(int count, char **arguments) {
    static char text[1 << 20];
    static tiny_token tokens[MOST_TOKENS];
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (file == NULL) {
        fprintf(stderr, "usage: tag-file FILE\n");
        return 2;
    }
    size_t bytes = fread(text, 1, sizeof text, file), found = 0;
    fclose(file);

    const tiny_model *model;
    tiny_session *session;
    tiny_status status = tiny_open_linked(&model);
    if (status != TINY_OK)
        return fail("cannot open the tagger", status);
    status = tiny_session_new(model, NULL, &session);
    if (status != TINY_OK)
        return fail("cannot set up a session", status);
    status = tiny_tokenize(text, bytes, tokens, MOST_TOKENS, &found);
    for (size_t begin = 0, end; status == TINY_OK && begin < found; begin = end) {
        for (end = begin + 1; end < found && !tokens[end].starts_sentence; end++)
            ;
        status = tag_sentence(session, text, tokens + begin, (int32_t)(end - begin));
    }
    tiny_session_free(session);
    tiny_close(model);
    return status == TINY_OK ? 0 : fail(arguments[1], status);
}
