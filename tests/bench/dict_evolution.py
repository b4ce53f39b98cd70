"""The same loop in Python, over a dict from a cell's digits to its score.

dict_evolution.py SCORES RUNS EVALUATIONS, where a line of SCORES is "digits,score".
"""
import random
import sys

POPULATION, TOURNAMENT, EDGES, OPERATIONS = 10, 3, 6, "01234"


def mutate(cell):
    edge = random.randrange(EDGES)
    new = random.choice([o for o in OPERATIONS if o != cell[edge]])
    return cell[:edge] + new + cell[edge + 1:]


def evolve(score, evaluations):
    population, best = [], 0.0
    for i in range(evaluations):
        if i < POPULATION:
            child = "".join(random.choice(OPERATIONS) for _ in range(EDGES))
        else:
            sample = [random.choice(population) for _ in range(TOURNAMENT)]
            child = mutate(max(sample, key=score.__getitem__))
            population.pop(0)
        population.append(child)
        best = max(best, score[child])
    return best


def main():
    random.seed(1)
    with open(sys.argv[1]) as lines:
        score = {digits: float(pct) for digits, pct in (line.split(",") for line in lines)}
    runs, evaluations = int(sys.argv[2]), int(sys.argv[3])
    best = [evolve(score, evaluations) for _ in range(runs)]
    print(f"mean of the best: {sum(best) / runs:.2f}")


main()
