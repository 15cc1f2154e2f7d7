/* A plain program as a function: the event on standard input, the answer on standard output.
 * It counts as wc does, and as the Rust example word-count does. */

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* Large enough that calls to the host do not show, small beside the smallest memory of a function. */
#define BUFFER_BYTES (64 * 1024)

struct counts {
    unsigned long long lines, words, bytes;
    bool in_word;
};

static void feed(struct counts *counts, const unsigned char *piece, size_t length) {
    for (size_t i = 0; i < length; i++) {
        bool space = isspace(piece[i]) != 0;
        counts->lines += piece[i] == '\n';
        counts->words += !space && !counts->in_word;
        counts->in_word = !space;
    }
    counts->bytes += length;
}

int main(void) {
    static unsigned char buffer[BUFFER_BYTES];
    struct counts counts = {0};
    size_t length;
    while ((length = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        feed(&counts, buffer, length);
    }
    if (ferror(stdin)) {
        perror("read the event");
        return EXIT_FAILURE;
    }
    int written = printf("{\"lines\":%llu,\"words\":%llu,\"bytes\":%llu}\n", counts.lines, counts.words, counts.bytes);
    if (written < 0 || fflush(stdout) != 0) {
        perror("write the answer");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
