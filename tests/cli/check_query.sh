#!/bin/sh
# seki query: what it prints of a cell for programs, for people and for spreadsheets, and what it refuses.
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
bad=0

expect() { # name: compares $work/found with what stands on stdin
    cat >"$work/expected"
    diff "$work/expected" "$work/found" || { echo "FAILED: $1"; bad=1; }
}

refuses() { # sentence, arguments of seki query...
    sentence=$1
    shift
    "$SEKI" query "$@" >"$work/out" 2>"$work/found"
    [ $? -eq 2 ] && [ ! -s "$work/out" ] || { echo "FAILED: seki query $* must exit with 2 and print nothing"; bad=1; }
    echo "seki: $sentence" | expect "seki query $*"
}

"$SEKI" query nas-bench-201 421211 --json | sed '/"latency_s"/,$d' | tr -d ' \n' >"$work/found"
echo >>"$work/found"
expect "a cell as JSON" <<'END'
{"digits":"421211","arch":"|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|","arch_index":0,"params":{"cifar10":129306,"cifar100":135156,"imagenet16-120":136456},"flops_m":{"cifar10":15.64737,"cifar100":15.65322,"imagenet16-120":3.91948},"datasets":{"cifar10":{"epoch_s":7.221093,"200":{"valid_pct":[82.092,81.616,82.24],"valid_pct_mean":81.98267,"test_pct_mean":85.86333,"test_pct":[85.62,86.18,85.79]},"12":{"test_pct_mean":69.55,"valid_pct_mean":63.364}},"cifar100":{"epoch_s":14.44219,"200":{"valid_pct":[51.88,53.08,53.14],"valid_pct_mean":52.7,"test_pct_mean":52.91333},"12":{"test_pct_mean":31.26,"valid_pct_mean":31.84}},"imagenet16-120":{"epoch_s":43.81759,"200":{"valid_pct":[28.33333,27.36667,28.93333],"valid_pct_mean":28.21111,"test_pct_mean":26.63333},"12":{"test_pct_mean":17.0,"valid_pct_mean":18.46667}}},
END

"$SEKI" query nas-bench-201 421211 --json >"$work/digits"
"$SEKI" query nas-bench-201 '|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|' --json >"$work/found"
expect "a cell by its text form" <"$work/digits"

"$SEKI" query nas-bench-201 421211 | sed -n 1,4p >"$work/found"
expect "a cell for people" <<'END'
421211  |avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|

nas-bench-201                                        cifar10        cifar100  imagenet16-120
parameters, count                                     129306          135156          136456
END

"$SEKI" query transnas-bench-101 64-41414-1_02_333 | grep -E '^(1|trans|accuracy.* valid (25|30)|ssim.* valid)' >"$work/found"
expect "what was measured at the final epoch, and at the best" <<'END'
102333  64-41414-1_02_333
transnas-bench-101                                         class_object     class_scene          jigsaw segmentsemantic     autoencoder          normal     room_layout
accuracy valid 25 epochs mean, percent                         42.00338        53.07026               -               -               -               -               -
accuracy valid 30 epochs mean, percent                                -               -               -        94.34946               -               -               -
ssim valid 30 epochs mean                                             -               -               -               -       0.3823819       0.5548264               -
accuracy_best_epoch valid 25 epochs mean, percent              43.54598        53.07026               -               -               -               -               -
accuracy_best_epoch valid 30 epochs mean, percent                     -               -               -        94.50002               -               -               -
ssim_best_epoch valid 30 epochs mean                                  -               -               -               -       0.4321505       0.5605645               -
END

"$SEKI" query transnas-bench-101 102333 --json | tr -d ' \n' | grep -o '"normal".*' >"$work/found"
expect "the same for programs" <<'END'
"normal":{"30":{"valid_ssim_mean":0.5548264,"test_ssim_best_epoch_mean":0.586605,"train_ssim_best_epoch_mean":0.6464335,"valid_ssim_best_epoch_mean":0.5605645,"training_time_s_mean":21021.0}},"room_layout":{"25":{"valid_neg_loss_mean":-0.7212386,"test_neg_loss_best_epoch_mean":-0.6361051,"train_neg_loss_best_epoch_mean":-0.01421647,"valid_neg_loss_best_epoch_mean":-0.6849154,"training_time_s_mean":8907.0}}}}
END

"$SEKI" query nas-bench-201 --all >"$work/all"
{ wc -l <"$work/all"; awk -F, '{ print NF }' "$work/all" | sort -u; cut -d, -f1-3,12,15 "$work/all" | grep -E '^(digits|421211|142120)'; } >"$work/found"
expect "the whole table" <<'END'
15626
63
digits,arch,arch_index,epoch_time_imagenet16-120_s,accuracy_cifar10_valid_200_999_percent
142120,|skip_connect~0|+|avg_pool_3x3~0|nor_conv_1x1~1|+|skip_connect~0|nor_conv_1x1~1|none~2|,296,46.0163,87.012
421211,|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|,0,43.81759,82.24
END

shipped=benchdata/trainings/b1f578780696ec14.jsonl.zst
trainings=${SEKI_DATA:-.}/$shipped
"$SEKI" query "$trainings" 444404 | grep -vE '^(device|seki|finished)' >"$work/found"
expect "a stored training" <<'END'
444404  |avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|none~1|avg_pool_3x3~2|

{"batch": 64, "cells": 1, "dataset": "fashion-mnist", "device": "cpu", "epochs": 8, "fraction": 0.2, "learning_rate": 0.05, "valid_fraction": 0.1, "valid_from": "train", "width": 8}

training_seed                          1
valid_final_pct                 83.96667
test_final_pct                     83.13
valid_best_pct                  83.96667
test_best_pct                      83.13
best_epoch                             7
diverged                               -
train_s                           19.295
evaluate_s                         4.457
images_per_s                    4477.783
parameters                         18594
multiply_adds                    1461706
data                5cf0562c46b89a77940b86f40a9a4325e7bed59d53ec555c4d14f0bed41ca53a
END
"$SEKI" query "$trainings" 444404 --json | tr -d ' \n' | grep -oE '^.*"training_seed":1,|"curve":.\{"learning_rate":0.05' >"$work/found"
expect "a stored training for programs" <<'END'
{"space":"nas-bench-201","setting":{"batch":64,"cells":1,"dataset":"fashion-mnist","device":"cpu","epochs":8,"fraction":0.2,"learning_rate":0.05,"valid_fraction":0.1,"valid_from":"train","width":8},"trainings":[{"arch":"|avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|none~1|avg_pool_3x3~2|","digits":"444404","training_seed":1,
"curve":[{"learning_rate":0.05
END
"$SEKI" query "$trainings" --all >"$work/all"
{ wc -l <"$work/all"; sed -n 1,2p "$work/all" | cut -d, -f1-9; } >"$work/found"
expect "all stored trainings of a file" <<'END'
21
digits,arch,training_seed,valid_final_pct,test_final_pct,valid_best_pct,test_best_pct,best_epoch,diverged
444404,|avg_pool_3x3~0|+|avg_pool_3x3~0|avg_pool_3x3~1|+|avg_pool_3x3~0|none~1|avg_pool_3x3~2|,1,83.96667,83.13,83.96667,83.13,7,
END
refuses "$trainings: found no training of 000000 (--all prints those that it has)" "$trainings" 000000
printf '{"trainings":1,"space":"x","setting":{}}\n{}\n' >"$work/x.jsonl"
refuses "$work/x.jsonl:1: space \"x\" is not known (known: nas-bench-201, transnas-bench-101, darts)" "$work/x.jsonl" --all
printf '{"trainings":2,"space":"darts","setting":{}}\n{}\n' >"$work/x.jsonl"
refuses "$work/x.jsonl:1: /trainings: found 2, expected 1" "$work/x.jsonl" --all
printf '{"trainings":1,"space":"darts","setting":{}}\n' >"$work/x.jsonl"
refuses "$work/x.jsonl: found no training, expected some" "$work/x.jsonl" --all

refuses '421215: digit 6 is '"'5'"', expected 0 to 4' nas-bench-201 421215
refuses 'query: expected either a CELL or --all' nas-bench-201
refuses 'query: expected either a CELL or --all' nas-bench-201 421211 --all
refuses 'no/such.h5: No such file or directory' no/such.h5 421211
exit $bad
