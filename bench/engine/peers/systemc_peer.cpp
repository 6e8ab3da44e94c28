// The workloads of ../workloads.mjs on SystemC: SC_THREAD with wait() for processes, SC_METHOD
// with next_trigger() for callbacks. The lock is a hand-made FIFO of events, because sc_mutex
// wakes every waiter and so gives the lock in another order.
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <systemc.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

using word = std::uint32_t;

static word seed_of(word pid) { return pid * 2654435761u + 12345u; }
static word next_state(word state) { return state * 1664525u + 1013904223u; }
static sc_time delay_of(word state) { return sc_time::from_value(1 + (state >> 8) % 1000000); }

class Work : public sc_module {
public:
  SC_HAS_PROCESS(Work);
  word order = 0;
  word sum = 0;

  Work(sc_module_name name, const std::string &workload, word processes, word turns)
      : sc_module(name), turns(turns), called(processes), has_ball(processes),
        states(processes), left(processes, turns) {
    has_ball[0] = true;
    for (word pid = 0; pid < processes; pid++) {
      states[pid] = seed_of(pid);
      sc_spawn_options options;
      options.set_stack_size(24 * 1024);
      if (workload == "callback") options.spawn_method();
      sc_spawn(sc_bind(code(workload), this, pid), sc_gen_unique_name("p"), &options);
    }
  }

private:
  const word turns;
  std::vector<sc_event> called;
  std::vector<char> has_ball;
  std::vector<word> states;
  std::vector<word> left;
  std::vector<char> started = std::vector<char>(states.size());
  std::deque<word> waiters;
  bool held = false;
  sc_event never;

  using Code = void (Work::*)(word);

  static Code code(const std::string &workload) {
    if (workload == "timers") return &Work::timer;
    if (workload == "pingpong") return &Work::player;
    if (workload == "contend") return &Work::contender;
    return &Work::repeat;
  }

  void note_event(word pid) { order = order * 31 + pid; }
  void note_end(word extra = 0) { sum += static_cast<word>(sc_time_stamp().value()) + extra; }

  void sleep(word pid) {
    states[pid] = next_state(states[pid]);
    wait(delay_of(states[pid]));
    note_event(pid);
  }

  // A thread that returns is removed in time proportional to the number of threads: it waits
  // instead.
  void finish(word extra = 0) {
    note_end(extra);
    wait(never);
  }

  void timer(word pid) {
    for (word turn = 0; turn < turns; turn++) sleep(pid);
    finish();
  }

  void player(word pid) {
    for (word turn = 0; turn < turns; turn++) {
      if (!has_ball[pid]) wait(called[pid]);
      has_ball[pid] = false;
      note_event(pid);
      has_ball[1 - pid] = true;
      called[1 - pid].notify(SC_ZERO_TIME);
    }
    finish(pid);
  }

  void contender(word pid) {
    for (word turn = 0; turn < turns; turn++) {
      if (held) {
        waiters.push_back(pid);
        wait(called[pid]);
      } else {
        held = true;
      }
      sleep(pid);
      if (waiters.empty()) {
        held = false;
      } else {
        called[waiters.front()].notify(SC_ZERO_TIME);
        waiters.pop_front();
      }
    }
    finish();
  }

  void repeat(word pid) {
    if (started[pid]) {
      note_event(pid);
      if (--left[pid] == 0) {
        note_end();
        next_trigger(never);
        return;
      }
    }
    started[pid] = true;
    states[pid] = next_state(states[pid]);
    next_trigger(delay_of(states[pid]));
  }
};

int sc_main(int, char **argv) {
  const word processes = std::atoi(argv[2]);
  const word turns = std::atoi(argv[3]) / processes;
  sc_set_time_resolution(1, SC_NS);
  Work work("work", argv[1], processes, turns);
  sc_start(SC_ZERO_TIME);  // elaboration and the first activation are set-up
  const auto begin = std::chrono::steady_clock::now();
  sc_start();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("{\"events\":%u,\"seconds\":%.6f,\"order\":%u,\"sum\":%u}\n", turns * processes,
              seconds.count(), work.order, work.sum);
  return 0;
}
