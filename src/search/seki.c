/* SEKI (Cai et al. 2025, arXiv 2502.20422): self-evolution, then knowledge inspiration. The paper's
 * ablations are settings: gamma 0 is self-evolution alone, lambda 0 knowledge inspiration alone. */
#include "search/operators.h"

#include "base/mem.h"
#include "search/telling.h"

#include <stdlib.h>

static const struct option options[] = {
    {"lambda", OPTION_INTEGER, "null", 0, 1e6, NULL,
     "iterations of self-evolution; left out: what gamma leaves of the budget, or half of it"},
    {"gamma", OPTION_INTEGER, "null", 0, 1e6, NULL,
     "iterations of knowledge inspiration; left out: what lambda leaves of the budget"},
    {"k", OPTION_INTEGER, "10", 1, 1000, NULL,
     "inspiration draws from the k best; with lambda 0 also the number of random starts"},
    {"xi", OPTION_INTEGER, "5", 1, 1000, NULL, "architectures that inspiration reads"},
    {"parent", OPTION_CHOICE, "\"latest\"", 0, 0, "latest|best",
     "what self-evolution goes on from: the newest architecture (paper) or the best so far"},
    {"operators", OPTION_CHOICE, "\"llm\"", 0, 0, "llm|mutation-crossover|untried-mutation|prior",
     "who proposes: the LLM, or a rule without one (the controls)"},
    {"form", OPTION_CHOICE, "\"edit\"", 0, 0, "edit|whole",
     "what the LLM writes: ratings and one change, or the whole architecture (paper)"},
    {"merge_steps", OPTION_BOOLEAN, "false", 0, 0, NULL,
     "one request for strategy and architecture, where the paper makes two"},
    {"repairs", OPTION_INTEGER, "2", 0, 20, NULL,
     "how often a reply that cannot be used is asked for again, with the reason"},
    {"on_duplicate", OPTION_CHOICE, "\"keep\"", 0, 0, "keep|ask-again",
     "what a reply that repeats an evaluated architecture does"},
    {"max_tokens", OPTION_INTEGER, "null", 1, 1e6, NULL,
     "tokens that a reply may have; left out: what the form needs (give reasoning models more)"},
    {"names", OPTION_CHOICE, "\"plain\"", 0, 0, "plain|benchmark|anonymous",
     "control: how the LLM reads of operations: conv3x3; nor_conv_3x3; or op_a, dealt and listed "
     "in "
     "an order of the run's own, with nothing that describes them"},
    {"benchmark", OPTION_CHOICE, "\"withheld\"", 0, 0, "named|withheld",
     "control: whether the LLM is told the names of the benchmark and its data set"},
    {"scores", OPTION_CHOICE, "\"given\"", 0, 0, "given|withheld|shuffled",
     "control: withheld: the LLM reads no score and no order by score; shuffled: it reads scores "
     "permuted, anew each iteration, among the architectures evaluated so far; in both it is not "
     "told which of the good cells is the best, and the search goes by the real scores"},
    {"history", OPTION_CHOICE, "\"given\"", 0, 0, "given|withheld",
     "control: withheld: changes tried before are offered again, and how many good cells share an "
     "operation is not said; inspiration still reads its xi cells, without which it is evolution"},
    {0},
};

static const struct operators *const operator_sets[] = {
    &operators_edit,  &operators_whole, &operators_mutation_crossover, &operators_untried_mutation,
    &operators_prior,
};

static bool asks_llm(const json_t *settings)
{
    return option_is(settings, "operators", "llm");
}

/* "form" names the LLM's operators, "operators" those without. */
static const struct operators *operators_of(const json_t *settings)
{
    const char *key = asks_llm(settings) ? "form" : "operators";
    for (size_t i = 0; i < sizeof(operator_sets) / sizeof(operator_sets[0]); i++)
        if (option_is(settings, key, operator_sets[i]->name))
            return operator_sets[i];
    return NULL;
}

/* How a budget of n iterations is spent: start + lambda + gamma = n. */
struct plan {
    size_t start, lambda, gamma;
};

static size_t less(size_t whole, size_t part)
{
    return whole > part ? whole - part : 0;
}

/* Adds up to another budget than n where the settings do not fit it: check() tells that. */
static struct plan plan_of(const json_t *settings, size_t n)
{
    const json_t *lambda = json_object_get(settings, "lambda");
    const json_t *gamma = json_object_get(settings, "gamma");
    struct plan plan = {.start = 1};
    if (json_is_integer(lambda) && json_integer_value(lambda) == 0)
        plan.start = (size_t)option_integer(settings, "k");
    size_t left = less(n, plan.start);
    if (json_is_integer(lambda))
        plan.lambda = (size_t)json_integer_value(lambda);
    else if (json_is_integer(gamma))
        plan.lambda = less(left, (size_t)json_integer_value(gamma));
    else
        plan.lambda = left / 2;
    plan.gamma =
        json_is_integer(gamma) ? (size_t)json_integer_value(gamma) : less(left, plan.lambda);
    return plan;
}

static void check(const json_t *settings, const struct space *space, size_t budget,
                  const char *path, struct faults *faults)
{
    (void)space;
    int64_t k = option_integer(settings, "k"), xi = option_integer(settings, "xi");
    if (xi > k)
        fault_add(faults, path, "xi is %lld and k is %lld, expected xi <= k", (long long)xi,
                  (long long)k);
    if (option_is(settings, "history", "withheld") &&
        option_is(settings, "on_duplicate", "ask-again"))
        fault_add(faults, path,
                  "found history withheld and on_duplicate ask-again, which tells what was tried; "
                  "expected on_duplicate keep");
    if (!budget) {
        fault_add(faults, path,
                  "seki divides a budget of evaluations between its stages; "
                  "expected budget/evaluations");
        return;
    }
    struct plan plan = plan_of(settings, budget);
    if (plan.start + plan.lambda + plan.gamma != budget)
        fault_add(faults, path,
                  "found %zu random start%s, lambda %zu and gamma %zu, expected them to add up to "
                  "the budget of %zu evaluations",
                  plan.start, plan.start == 1 ? "" : "s", plan.lambda, plan.gamma, budget);
}

/* Evaluates what was proposed and puts it into the repository, or wastes the iteration. False when
 * the run is over. */
static bool learn(struct search *search, struct knowledge *knowledge, const char *stage,
                  const struct arch *parent, const struct proposal *proposal)
{
    struct origin origin = {.stage = stage, .parent = parent, .strategy = proposal->strategy};
    struct score score;
    if (proposal->reason)
        return meter_waste(search->meter, &origin, proposal->reason);
    if (!meter_evaluate(search->meter, &proposal->arch, &origin, &score))
        return false;
    knowledge->newest = (struct knowledge_entry){proposal->arch, score.valid_score};
    if (!score.repeat)
        knowledge_add(knowledge, &proposal->arch, score.valid_score);
    return true;
}

static void proposal_free(struct proposal *proposal)
{
    free(proposal->strategy);
    free(proposal->reason);
    *proposal = (struct proposal){0};
}

static bool start(struct search *search, struct knowledge *knowledge, size_t count)
{
    struct rng rng = rng_fork(&search->rng, "start", 0);
    bool open = true;
    for (size_t i = 0; open && i < count; i++) {
        struct proposal drawn = {.arch = space_sample(search->space, &rng)};
        open = learn(search, knowledge, "start", NULL, &drawn);
    }
    return open;
}

/* alpha <- D(alpha, C(alpha, f(alpha))), lambda times (paper, section 4.1). */
static bool self_evolution(struct search *search, const struct operators *operators,
                           struct knowledge *knowledge, size_t lambda, bool *open, struct err *err)
{
    bool from_best = option_is(search->settings, "parent", "best");
    for (size_t i = 0; *open && i < lambda; i++) {
        struct knowledge_entry parent = from_best ? knowledge->entries[0] : knowledge->newest;
        struct knowledge_entry told = parent;
        struct proposal proposal = {0};
        if (asks_llm(search->settings))
            telling_shuffle(search, knowledge, &told, 1);
        bool ok = operators->evolve(search, &told, &proposal, err);
        if (ok)
            *open = learn(search, knowledge, "self-evolution", &parent.arch, &proposal);
        proposal_free(&proposal);
        if (!ok)
            return false;
    }
    return true;
}

/* alpha <- E(S), S drawn from the k best of the repository, gamma times (paper, section 4.2). */
static bool knowledge_inspiration(struct search *search, const struct operators *operators,
                                  struct knowledge *knowledge, size_t gamma, bool *open,
                                  struct err *err)
{
    size_t k = (size_t)option_integer(search->settings, "k");
    size_t xi = (size_t)option_integer(search->settings, "xi");
    struct knowledge_entry *drawn = mem_alloc(xi, sizeof(*drawn));
    struct rng rng = rng_fork(&search->rng, "inspiration", 0);
    bool ok = true;
    for (size_t i = 0; ok && *open && i < gamma; i++) {
        size_t count = knowledge_draw(knowledge, k, xi, &rng, drawn);
        struct proposal proposal = {0};
        if (asks_llm(search->settings))
            telling_shuffle(search, knowledge, drawn, count);
        ok = operators->inspire(search, drawn, count, &proposal, err);
        if (ok)
            *open = learn(search, knowledge, "knowledge-inspiration", &drawn[count - 1].arch,
                          &proposal);
        proposal_free(&proposal);
    }
    free(drawn);
    return ok;
}

static bool run(struct search *search, struct err *err)
{
    const struct operators *operators = operators_of(search->settings);
    struct plan plan = plan_of(search->settings, meter_limit(search->meter));
    struct knowledge knowledge = {0};
    if (asks_llm(search->settings))
        telling_note_names(search);
    bool open = start(search, &knowledge, plan.start);
    bool ok = self_evolution(search, operators, &knowledge, plan.lambda, &open, err) &&
              knowledge_inspiration(search, operators, &knowledge, plan.gamma, &open, err);
    knowledge_free(&knowledge);
    return ok;
}

const struct strategy_type strategy_seki = {
    .name = "seki",
    .summary = "self-evolution and knowledge inspiration by an LLM (Cai et al. 2025)",
    .options = options,
    .check = check,
    .asks_llm = asks_llm,
    .run = run,
};
