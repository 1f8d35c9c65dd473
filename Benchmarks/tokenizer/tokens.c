/* Prints the tokens of the standard input: first byte, byte behind the last, and whether a sentence starts. The
   tokenizer is compiled in from the package whose header and source the compiler is told to include. */
#include <stdio.h>
#include <stdlib.h>

#include PACKAGE_SOURCE

#define NAME2(prefix, name) prefix##_##name
#define NAME(prefix, name) NAME2(prefix, name)

int main(void) {
    size_t size = 0, capacity = 1 << 16, got, count = 0;
    char *text = malloc(capacity);
    while (text != NULL && (got = fread(text + size, 1, capacity - size, stdin)) > 0) {
        size += got;
        if (size == capacity)
            text = realloc(text, capacity *= 2);
    }
    NAME(PREFIX, token) *tokens = malloc((size + 1) * sizeof *tokens);
    if (text == NULL || tokens == NULL)
        return 1;
    if (NAME(PREFIX, tokenize)(text, size, tokens, size, &count) != 0)
        return 1;
    for (size_t i = 0; i < count; i++)
        printf("%zu %zu %d\n", tokens[i].begin, tokens[i].end, (int)tokens[i].starts_sentence);
    free(tokens);
    free(text);
    return 0;
}
