#!/usr/bin/env python3
"""ptx.py KERNELS.cu <KERNELS.ptx >ptx.c

The kernels as nvcc compiled them for the GPU, written down once more as C, an instruction a
statement, with the table of kernels.cu as kernels_in_turns (turns.h): so what nvcc made of them runs
on the CPU. An instruction that is not known here is an error."""
import re
import sys

PROLOGUE = '''/* Made of PTX by tests/train/kernels/ptx.py. */
#include "../tests/train/kernels/turns.h"

#include <fenv.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wunused-but-set-variable"

/* ---- registers as what they hold ---- */

static float as_f32(uint32_t bits) { float value; memcpy(&value, &bits, 4); return value; }
static double as_f64(uint64_t bits) { double value; memcpy(&value, &bits, 8); return value; }
static uint32_t bits_of_f32(float value) { uint32_t bits; memcpy(&bits, &value, 4); return bits; }
static uint64_t bits_of_f64(double value) { uint64_t bits; memcpy(&bits, &value, 8); return bits; }

/* ---- instructions that are more than one operator ---- */

/* The GPU stops at an address that is no multiple of what is read or written at once. */
static void *at(uint64_t address, unsigned size)
{
    if (address % size) {
        fprintf(stderr, "address %#llx is no multiple of %u\\n", (unsigned long long)address, size);
        abort();
    }
    return (void *)(uintptr_t)address;
}

static float fma_down(float a, float b, float c)
{
    volatile float x = a, y = b, z = c;
    fesetround(FE_DOWNWARD);
    volatile float result = fmaf(x, y, z);
    fesetround(FE_TONEAREST);
    return result;
}

static float saturated(float a) { return a > 0 ? a < 1 ? a : 1 : 0; }
static float flushed(float a) { return fabsf(a) < 0x1p-126f ? copysignf(0, a) : a; }

static uint32_t bf16(float value)
{
    uint32_t bits = bits_of_f32(value);
    return isnan(value) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

/* Each digit of how names one of eight bytes, b's above a's. */
static uint32_t permuted(uint32_t a, uint32_t b, uint32_t how)
{
    uint64_t bytes = (uint64_t)b << 32 | a;
    uint32_t result = 0;
    for (unsigned i = 0; i < 4; i++) {
        unsigned digit = how >> 4 * i & 0xf;
        uint32_t byte = bytes >> 8 * (digit & 7) & 0xff;
        result |= (digit & 8 ? (byte & 0x80 ? 0xff : 0) : byte) << 8 * i;
    }
    return result;
}

static uint32_t field(uint32_t a, uint32_t first, uint32_t count)
{
    uint64_t shifted = (first & 0xff) < 32 ? a >> (first & 0xff) : 0;
    return (count & 0xff) < 32 ? shifted & ((1ull << (count & 0xff)) - 1) : shifted;
}
'''

KINDS = {'p': 'bool', 'rs': 'uint16_t', 'r': 'uint32_t', 'rd': 'uint64_t', 'f': 'float', 'fd': 'double'}
SPECIAL = {'%tid.x': 'tid', '%ntid.x': 'threads', '%ctaid.x': 'block', '%nctaid.x': 'block_count'}
COMPARE = {'lt': '<', 'le': '<=', 'gt': '>', 'ge': '>=', 'eq': '==', 'ne': '!=',
           'lo': '<', 'ls': '<=', 'hi': '>', 'hs': '>='}
BINARY = {'add': '+', 'sub': '-', 'and': '&', 'or': '|', 'xor': '^', 'div': '/', 'rem': '%'}


def stop(text):
    sys.exit(f'ptx.py: {text}')


def c_type(kind):
    """u32 -> uint32_t, b32 too; f32 -> float"""
    if kind == 'pred':
        return 'bool'
    if kind[0] == 'f':
        return {'32': 'float', '64': 'double'}[kind[1:]]
    return ('int' if kind[0] == 's' else 'uint') + kind[1:] + '_t'


def size_of(kind):
    return int(kind[1:]) // 8


class Kernel:
    def __init__(self, name):
        self.name = name
        self.shared = {}     # where each array begins
        self.shared_size = 0
        self.registers = []  # C declarations
        self.body = []

    def value(self, operand, kind):
        """What an operand is as a C value of that type."""
        if operand in SPECIAL:
            return f'({c_type(kind)}){SPECIAL[operand]}'
        if match := re.fullmatch(r'(!?)%([a-z]+)(\d+)', operand):
            negated, register, number = match.groups()
            name, own = register + number, KINDS[register]
            if kind == 'pred':
                return f'({"!" if negated else ""}{name})'
            if own in ('float', 'double'):
                if kind[0] != 'f':
                    name = f'bits_of_f{kind[1:]}({name})'
                return f'({c_type(kind)}){name}'
            return f'as_f{kind[1:]}({name})' if kind[0] == 'f' else f'({c_type(kind)}){name}'
        if match := re.fullmatch(r'0([fd])([0-9A-F]+)', operand):
            digits = f'0x{match[2]}u' + ('ll' if match[1] == 'd' else '')
            return f'as_f{"32" if match[1] == "f" else "64"}({digits})'
        if re.fullmatch(r'-?\d+|0x[0-9a-fA-F]+', operand):
            return f'({c_type(kind)}){operand}' + ('ll' if kind[1:] == '64' else '')
        if operand in self.shared:
            return f'({c_type(kind)}){self.shared[operand]}'
        if operand == self.parameter:
            return '(uint64_t)(uintptr_t)arguments'
        return stop(f'{self.name}: operand {operand}')

    def set(self, register, kind, value):
        match = re.fullmatch(r'%([a-z]+)(\d+)', register) or stop(f'{self.name}: sets {register}')
        name, own = match[1] + match[2], KINDS[match[1]]
        if own in ('float', 'double') and kind[0] != 'f':
            value = f'as_f{kind[1:]}({value})'
        if own not in ('float', 'double') and kind[0] == 'f':
            value = f'bits_of_f{kind[1:]}({value})'
        self.body.append(f'{name} = ({own})({value});')

    def address(self, operand, space):
        match = re.fullmatch(r'\[([^+\]]+)(?:\+(-?\d+))?\]', operand) or stop(f'address {operand}')
        offset = int(match[2] or 0)
        if space == 'shared':
            return f'(uint64_t)(uintptr_t)shared + {self.value(match[1], "u32")} + ({offset})'
        return f'{self.value(match[1], "u64")} + ({offset}ll)'

    def transfer(self, parts, operands):
        """ld and st, of one value or of several at once"""
        space, kind = parts[1], parts[-1]
        load = parts[0] == 'ld'
        registers, place = (operands[0], operands[1]) if load else (operands[1], operands[0])
        registers = re.findall(r'%\w+|0[fd][0-9A-F]+|-?\d+', registers)
        count = int(parts[2][1:]) if parts[2][0] == 'v' else 1
        if space not in ('global', 'shared', 'param') or len(registers) != count:
            stop(f'{self.name}: {parts} {operands}')
        typed, size = c_type(kind), size_of(kind) * count
        self.body.append(f'{{ {typed} part[{count}]; void *place = at({self.address(place, space)}, {size});')
        if load:
            self.body.append('memcpy(part, place, sizeof(part));')
            for i, register in enumerate(registers):
                self.set(register, kind, f'part[{i}]')
        else:
            for i, register in enumerate(registers):
                self.body.append(f'part[{i}] = {self.value(register, kind)};')
            self.body.append('memcpy(place, part, sizeof(part));')
        self.body.append('}')

    def convert(self, parts, operands):
        to, source = parts[-2], parts[-1]
        options = parts[1:-2]
        if to == 'bf16x2':
            high, low = (self.value(operand, source) for operand in operands[1:])
            return self.set(operands[0], 'b32', f'bf16({high}) << 16 | bf16({low})')
        value = self.value(operands[1], source)
        if options == ['sat'] and to == source == 'f32':
            value = f'saturated({value})'
        elif options not in ([], ['rn']) and not (options == ['rzi'] and to[0] != 'f'):
            stop(f'{self.name}: cvt {options} {to} {source}')
        return self.set(operands[0], to, f'({c_type(to)})({value})')

    def compare(self, parts, operands):
        name, kind = parts[1], parts[-1]
        a, b = (self.value(operand, kind) for operand in operands[1:3])
        if name in ('num', 'nan'):
            text = f'{"!" if name == "num" else ""}(isnan({a}) || isnan({b}))'
        elif name in COMPARE:
            text = f'{a} {COMPARE[name]} {b}'
        elif name[-1] == 'u' and name[:-1] in COMPARE and kind[0] == 'f':
            text = f'isnan({a}) || isnan({b}) || {a} {COMPARE[name[:-1]]} {b}'
        else:
            stop(f'{self.name}: setp.{name}')
        self.set(operands[0], 'pred', text)

    def compute(self, parts, operands):
        name, kind = parts[0], parts[-1]
        options = parts[1:-1]
        if kind[0] == 'f' and kind != 'f32' and kind != 'f64':
            stop(f'{self.name}: {parts}')
        a, b, c = ([self.value(operand, kind) for operand in operands[1:]] + [''] * 3)[:3]
        typed, wide = c_type(kind), f'{kind[0]}{2 * int(kind[1:])}' if kind[1:].isdigit() else ''
        f = 'f' if kind == 'f32' else ''
        bits = kind[1:]
        unsigned = f'uint{bits}_t'
        if kind[0] == 'f':
            known = {'add': f'{a} + {b}', 'sub': f'{a} - {b}', 'mul': f'{a} * {b}',
                     'div': f'{a} / {b}', 'rcp': f'1 / {a}', 'sqrt': f'sqrt{f}({a})',
                     'neg': f'-{a}', 'abs': f'fabs{f}({a})', 'mov': a,
                     'min': f'fmin{f}({a}, {b})', 'max': f'fmax{f}({a}, {b})',
                     'fma': f'fma{f}({a}, {b}, {c})'}
            if name == 'ex2' and options == ['approx', 'ftz']:
                return self.set(operands[0], kind, f'flushed(exp2f(flushed({a})))')
            if name == 'fma' and options == ['rm'] and kind == 'f32':
                return self.set(operands[0], kind, f'fma_down({a}, {b}, {c})')
            if name in known and options in ([], ['rn']):
                return self.set(operands[0], kind, known[name])
            stop(f'{self.name}: {".".join(parts)}')
        if options == ['wide']:
            a, b = (f'({c_type(wide)}){x}' for x in (a, b))
            sum_ = f' + {self.value(operands[3], wide)}' if name == 'mad' else ''
            return self.set(operands[0], wide, f'{a} * {b}{sum_}')
        if options not in ([], ['lo']):
            stop(f'{self.name}: {".".join(parts)}')
        # what may not fit is computed without a sign
        ua, ub, uc = (f'({unsigned}){x}' for x in (a, b, c)) if kind != 'pred' else (a, b, c)
        if name in ('add', 'sub'):
            return self.set(operands[0], kind, f'{ua} {BINARY[name]} {ub}')
        if name in BINARY:
            return self.set(operands[0], kind, f'{a} {BINARY[name]} {b}')
        if name in ('shl', 'shr'):
            by = self.value(operands[2], 'u32')
            sign = '<<' if name == 'shl' else '>>'
            beyond = f'{a} < 0 ? -1 : 0' if kind[0] == 's' else '0'
            return self.set(operands[0], kind, f'{by} >= {bits} ? ({beyond}) : ({typed})({a} {sign} {by})')
        known = {'mul': f'({unsigned})(1u * {ua} * {ub})', 'mad': f'1u * {ua} * {ub} + {uc}',
                 'neg': f'0 - {ua}' if kind != 'pred' else '', 'mov': a, 'not': f'!{a}' if kind == 'pred' else f'~{a}',
                 'min': f'{a} < {b} ? {a} : {b}', 'max': f'{a} > {b} ? {a} : {b}'}
        if kind == 'u32':
            known['bfe'] = f'field({a}, {b}, {c})'
        if kind == 'b32':
            known['prmt'] = f'permuted({a}, {b}, {c})'
        if name not in known:
            stop(f'{self.name}: {".".join(parts)}')
        return self.set(operands[0], kind, known[name])

    def instruction(self, text):
        guard = ''
        if match := re.match(r'@(!?%p\d+)\s+', text):
            guard, text = f'if ({self.value(match[1], "pred")}) ', text[match.end():]
        opcode, _, rest = text.partition(' ')
        parts = opcode.split('.')
        operands = re.findall(r'\{[^}]*\}|\[[^\]]*\]|[^,\s]+', rest)
        if guard and parts[0] != 'bra':
            stop(f'{self.name}: a guarded {opcode}')
        if parts[0] == 'bra':
            self.body.append(f'{guard}goto {label(operands[0])};')
        elif opcode == 'bar.sync':
            self.body.append('turns_sync();')
        elif opcode == 'ret':
            self.body.append('return;')
        elif parts[0] in ('ld', 'st'):
            self.transfer(parts, operands)
        elif parts[0] == 'cvta':
            self.set(operands[0], 'u64', self.value(operands[1], 'u64'))
        elif parts[0] == 'cvt':
            self.convert(parts, operands)
        elif parts[0] == 'setp':
            self.compare(parts, operands)
        elif parts[0] == 'selp':
            a, b = (self.value(operand, parts[1]) for operand in operands[1:3])
            self.set(operands[0], parts[1], f'{self.value(operands[3], "pred")} ? {a} : {b}')
        else:
            self.compute(parts, operands)

    def line(self, text):
        if match := re.match(r'\.reg \.\w+\s+%(\w+)<(\d+)>;', text):
            names = ', '.join(f'{match[1]}{i} = 0' for i in range(int(match[2])))
            self.registers.append(f'{KINDS[match[1]]} {names};')
        elif match := re.match(r'\.shared \.align (\d+) \.b8 (\w+)\[(\d+)\];', text):
            self.shared_size += -self.shared_size % int(match[1])
            self.shared[match[2]] = self.shared_size
            self.shared_size += int(match[3])
        elif text.startswith('.pragma') or text.startswith('//'):
            pass
        elif match := re.match(r'(\$\w+):', text):
            self.body.append(f'{label(match[1])}:;')
        elif text.endswith(';') and text[0] != '.':
            self.instruction(re.sub(r'\s+', ' ', text[:-1]))
        else:
            stop(f'{self.name}: {text}')

    def write(self):
        print(f'\nstatic void ptx_{self.name}(const void *arguments, unsigned block_count, unsigned block,'
              ' unsigned threads)\n{')
        print('const unsigned tid = turns_thread();')
        if self.shared_size:
            print(f'static _Alignas(16) unsigned char shared[{self.shared_size}];\n'
                  'static unsigned entered;\n'
                  'if (entered++ % threads == 0) memset(shared, 0xff, sizeof(shared)); /* as left by others: NaNs */')
        print('(void)block_count, (void)block, (void)threads, (void)tid;')
        print('\n'.join(self.registers + self.body))
        print('}')


def label(text):
    return text.replace('$', '')


def name_of(symbol):
    """images_float of run_body<kernel_images, images<float>>"""
    match = re.search(r'_kernels_cu_kernels(\d+)(\w+)', symbol) or stop(f'entry {symbol}')
    length, rest = int(match[1]), match[2]
    suffix = rest[length:]
    kind = '_float' if suffix.startswith('IfE') else '_bfloat16' if suffix.startswith('I8bfloat16E') else ''
    return rest[:length] + kind


def read(lines):
    kernel, inside = None, False
    for text in map(str.strip, lines):
        if match := re.match(r'(?:\.visible |\.weak )?\.entry (\w+)\(', text):
            kernel, inside = Kernel(name_of(match[1])), False
        elif match := re.match(r'\.param .* (\w+)\[\d+\]$', text):
            kernel.parameter = match[1]
        elif text == '{':
            inside = True
        elif text == '}':
            yield kernel
            kernel, inside = None, False
        elif inside and text:
            kernel.line(text)


def main():
    table = open(sys.argv[1]).read()
    rows = table[table.index('const struct kernel kernels['):]
    print(PROLOGUE)
    for kernel in read(sys.stdin):
        kernel.write()
    print('\n#define TYPED(arguments, body) {(const void *)ptx_##body##_float, (const void *)ptx_##body##_bfloat16}\n'
          '#define PLAIN(arguments, body) {(const void *)ptx_##body, (const void *)ptx_##body}')
    for arguments in sorted(set(re.findall(r'sizeof\((\w+)\)', rows))):
        print(f'typedef struct {arguments} {arguments};')
    print(rows.replace('kernels[', 'kernels_in_turns[', 1), end='')


main()
