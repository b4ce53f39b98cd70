/* The tests' stand-in of an NVIDIA device: the part of libcudart and libcudnn that backend "cuda"
 * uses, done on the CPU, so that the backend's host logic runs where there is no GPU. It calls
 * itself FAKE wherever it gives a name. Nothing that is built for users contains it.
 *
 * It is strict where a real device may be lenient:
 * - What a stream is told to do is done as late as it may be: when somebody waits for it, and for
 * an event no more than was there when it was recorded. Pinned memory is read and written then;
 * other memory is copied in at the call.
 * - Memory of the device begins as 0xff bytes (no number), and AddressSanitizer sees every access
 * to it by the host and every one behind its end.
 * - While a thread captures a stream, what would disturb the capture fails and spoils it; what
 *   waits for the whole device (cudaFree(), cudnnDestroy(), the first launch of a kernel) spoils
 *   the captures of all threads.
 * - A stream takes work only from a thread that has set its device.
 * - After a fork() the child cannot use the device that its parent used.
 * - A convolution's tensors have no gaps, as parts of wider ones would.
 * - The default stream is refused, and a convolution's workspace is overwritten whole. A list of
 *   algorithms that were not tried says of none that it needs one.
 * It is lenient in one thing: a kernel's arguments may point to memory of the host unnoticed.
 *
 * Kernels are those of struct kernel kernels[] (train/cuda/kernels.h), compiled for the CPU as
 * functions (const void *arguments, unsigned block_count, unsigned block, unsigned threads); a test
 * may bring a table of its own. */
#ifndef TESTS_TRAIN_FAKE_H
#define TESTS_TRAIN_FAKE_H

#include <stddef.h>

/* What the device is like from now on: "key=number" separated by commas, over the defaults. The
 * first call of any function reads the variable SEKI_FAKE_DEVICE in the same way.
 *   devices=1       how many
 *   driver=13000    its version; 0: there is none
 *   capability=90   ten times the compute capability
 *   memory=N        bytes of each device (4 GiB)
 *   lost_at=0       piece of work (kernels, copies, convolutions, counted from 1, within graphs
 *                   too) at which the device is lost; 0: never. From then on all calls fail
 *   lost_as=46      with this: 46 cudaErrorDevicesUnavailable, 700 cudaErrorIllegalAddress, ...
 *   cudnn=1         0: cudnnCreate() fails
 *   refused=0       1: of each direction the fastest algorithm is listed, and refused when run;
 *                   which leaves an error, that fails the thread's next convolution unless
 *                   cudaGetLastError() has told it
 *   workspace=0     bytes that each algorithm wants besides
 * An unknown key ends the program. Counts begin anew, a lost device is there again. */
void fake_set(const char *settings);

/* What was asked of the device since fake_set(), and what nobody gave back yet. */
struct fake_counts {
    size_t work;             /* pieces done: kernels, copies, fills, convolutions */
    size_t launches;         /* of kernels and of graphs, by the host */
    size_t nondeterministic; /* convolutions by an algorithm that is not deterministic */
    size_t searches;         /* for the fastest algorithm */
    size_t device_bytes, pinned_bytes;
    size_t objects; /* streams, events, graphs, handles and descriptors */
};
struct fake_counts fake_counts(void);

#endif
