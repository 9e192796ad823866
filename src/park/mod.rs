//! How workers fall asleep and who wakes them: the protocol, stated and argued once.
//!
//! No timer and no heartbeat: a sleeper is woken by a signal or not at all, so no signal may be lost. These are the
//! steps, cited by name wherever they are taken.
//!
//! | a publisher                             | a sleeper                                                       |
//! |-----------------------------------------|-----------------------------------------------------------------|
//! | P1 pushes a job                         | S1 leaves the searchers, joins the sleepers; sets `is_sleeping` |
//! | P2 fence(SeqCst)                        | S2 fence(SeqCst)                                                |
//! | P3 reads the counts                     | S3 looks through every queue once more                          |
//! | P4 sleepers, no searcher: claims one of | S4 nothing: parks                                               |
//! |    them, and unparks it                 | S5 awake again: withdraws, if unclaimed                         |
//!
//! | a searcher that stops without sleeping (it found a job, or its latch was set) |
//! |------------------------------------------------------------------|
//! | C1 leaves the searchers                                          |
//! | C2 fence(SeqCst), if it was the last one and somebody sleeps     |
//! | C3 looks through every queue                                     |
//! | C4 something: claims one sleeper and unparks it                  |
//!
//! **No job waits while every worker sleeps.** One of P2, S2 comes first. If P2, S3 sees the job of P1. If S2, P3 sees
//! the sleeper of S1, and P4 finds its flag.
//!
//! **A job that a publisher left to a searcher is seen by it.** P3 read a searcher. That one goes to sleep, and what was
//! said above holds; or it stops, and one of P2, C2 comes first: if P2, C3 sees the job; if C2, P3 did not
//! see that searcher.
//!
//! **Count before flag.** A sleeper is counted before its flag can be claimed, and who wins the flag moves one from the
//! sleepers to the searchers, in one step on one word. So there are never more flags than sleepers counted, and the
//! count never falls below zero. With the flag first, two publishers could claim two flags while one sleeper is counted. If P3 reads a sleeper whose flag P4 can't find yet, that sleeper's S2 is still to come,
//! and its S3 sees the job.
//!
//! **Waking in a chain.** While one woken worker searches, publishers wake nobody else; it wakes the next at C4. So a
//! publisher pays for one wake at most, and n sleepers are up after about log n wakes in a row.
//!
//! **P2 on the path of a fork.** `join` would pay more for that fence than for all the rest of a fork. So there P2 is
//! the light side of a [`barrier`](crate::barrier), as long as the publisher's deque is unguarded; in a guarded one it is
//! the fence. S2 and C2 guard all the deques of others, and if one was unguarded, make that known by the heavy side
//! ([`meet_publishers`](crate::pool::WorkerPool::meet_publishers)). If they find a deque guarded, a fence will do: should its owner take the guard off later,
//! that comes with a fence, D5 of the [`deque`](crate::deque), and P3 after it sees S1 or C1.
//!
//! **A latch needs none of this.** It unparks its owner by token, and a token given before `park` is kept. Claims use
//! the same token, so a claim that finds its sleeper just withdrawing leaves one behind: one later `park`
//! returns early. Whoever parks looks again afterwards, always.

pub(crate) mod global;
pub(crate) mod parker;
