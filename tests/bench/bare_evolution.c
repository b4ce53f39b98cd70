/* What the search itself costs, with nothing round it: regularised evolution on NAS-Bench-201 over
 * a bare float array, without a meter, checks, a log or a report. "make bench" compares the whole
 * of seki with it.
 *
 * bare_evolution TABLE RUNS EVALUATIONS */
#include <hdf5.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS = 15625, EDGES = 6, OPERATIONS = 5, POPULATION = 10, TOURNAMENT = 3, SEEDS_MAX = 8 };

struct column {
    char metric[64], dataset[64], split[64];
    int epochs;
};

static uint64_t state = UINT64_C(0x9e3779b97f4a7c15);

static size_t below(size_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(((state >> 32) * bound) >> 32);
}

static hid_t column_type(void)
{
    hid_t text = H5Tcopy(H5T_C_S1), type = H5Tcreate(H5T_COMPOUND, sizeof(struct column));
    H5Tset_size(text, 64);
    H5Tset_strpad(text, H5T_STR_NULLPAD);
    H5Tinsert(type, "metric", offsetof(struct column, metric), text);
    H5Tinsert(type, "dataset", offsetof(struct column, dataset), text);
    H5Tinsert(type, "split", offsetof(struct column, split), text);
    H5Tinsert(type, "epochs", offsetof(struct column, epochs), H5T_NATIVE_INT);
    return type;
}

/* Adds one column, (CELLS), to sum. */
static void add_column(hid_t values, hsize_t column, float *sum)
{
    static float read[CELLS];
    hsize_t start[2] = {column, 0}, count[2] = {1, CELLS}, cells = CELLS;
    hid_t from = H5Dget_space(values), to = H5Screate_simple(1, &cells, NULL);
    H5Sselect_hyperslab(from, H5S_SELECT_SET, start, NULL, count, NULL);
    if (H5Dread(values, H5T_NATIVE_FLOAT, to, from, H5P_DEFAULT, read) < 0)
        exit(EXIT_FAILURE);
    for (size_t i = 0; i < CELLS; i++)
        sum[i] += read[i];
}

/* The sum over training seeds of CIFAR-10's validation accuracy at 200 epochs, (CELLS). */
static void read_scores(const char *path, float *sum)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t columns = H5Dopen2(file, "/columns", H5P_DEFAULT);
    hid_t values = H5Dopen2(file, "/values", H5P_DEFAULT);
    hsize_t count = 0;
    if (columns < 0 || values < 0)
        exit(EXIT_FAILURE);
    H5Sget_simple_extent_dims(H5Dget_space(columns), &count, NULL);
    struct column *list = calloc(count, sizeof(*list));
    if (!list || H5Dread(columns, column_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, list) < 0)
        exit(EXIT_FAILURE);
    for (hsize_t i = 0; i < count; i++)
        if (strcmp(list[i].metric, "accuracy") == 0 && strcmp(list[i].dataset, "cifar10") == 0 &&
            strcmp(list[i].split, "valid") == 0 && list[i].epochs == 200)
            add_column(values, i, sum);
    free(list);
    H5Fclose(file);
}

/* The index of a cell that differs in one edge. */
static size_t mutate(size_t cell)
{
    static const size_t weight[EDGES] = {3125, 625, 125, 25, 5, 1};
    size_t unit = weight[below(EDGES)], old = cell / unit % OPERATIONS;
    size_t new = below(OPERATIONS - 1);
    new += new >= old;
    return cell + new *unit - old *unit;
}

static float evolve(const float *score, size_t evaluations)
{
    size_t population[POPULATION];
    float best = 0;
    for (size_t i = 0; i < evaluations; i++) {
        size_t child = below(CELLS);
        if (i >= POPULATION) {
            size_t parent = population[below(POPULATION)];
            for (int draw = 1; draw < TOURNAMENT; draw++) {
                size_t other = population[below(POPULATION)];
                if (score[other] > score[parent])
                    parent = other;
            }
            child = mutate(parent);
        }
        if (score[child] > best)
            best = score[child];
        population[i % POPULATION] = child;
    }
    return best;
}

int main(int argc, char **argv)
{
    static float score[CELLS];
    if (argc != 4)
        return EXIT_FAILURE;
    read_scores(argv[1], score);
    size_t runs = strtoul(argv[2], NULL, 10), evaluations = strtoul(argv[3], NULL, 10);
    double sum = 0;
    for (size_t run = 0; run < runs; run++)
        sum += (double)evolve(score, evaluations);
    printf("mean of the best: %.2f (sum over training seeds)\n", sum / (double)runs);
    return EXIT_SUCCESS;
}
