//! How workers fall asleep and who wakes them: the protocol, stated and argued once.
//!
//! No timer and no heartbeat: a sleeper is woken by a signal or not at all, so no signal may be lost. These are the
//! steps, cited by name wherever they are taken.
//!
//! | a publisher                             | a searcher that goes to sleep                                  |
//! |-----------------------------------------|----------------------------------------------------------------|
//! | P1 pushes a job                         | S1 leaves the searchers, joins the sleepers; lies down          |
//! | P2 fence(SeqCst)                        | S2 fence(SeqCst)                                                |
//! | P3 reads the counts                     | S3 looks through every queue once more                          |
//! | P4 sleepers, no searcher: claims one of | S4 nothing: parks                                               |
//! |    them, and unparks it; those it finds | S5 awake again: gets up, if unclaimed, and is a searcher again; |
//! |    under a guest, it marks as missed    |    under a guest, it marks itself as missed                     |
//!
//! | a searcher that stops without sleeping (it found a job, or its latch was set) |
//! |------------------------------------------------------------------|
//! | C1 leaves the searchers                                          |
//! | C2 fence(SeqCst), if it was the last one and somebody sleeps     |
//! | C3 looks through every queue                                     |
//! | C4 something: claims one sleeper and unparks it                  |
//!
//! | a [guest](crate::pool::guest) on the seat of a sleeping worker   |
//! |------------------------------------------------------------------|
//! | G1 takes the bed of a worker that has nothing to do, and is counted as a sleeper as before |
//! | G2 gives it back. Nobody has missed the worker: that is all. Else the worker is not counted any more, and G2 is as S1 |
//! | G3 fence(SeqCst)                                                 |
//! | G4 looks through every queue; something: claims one sleeper and unparks it |
//!
//! **No job waits while every worker sleeps.** One of P2, S2 comes first. If P2, S3 sees the job of P1. If S2, P3 sees
//! the sleeper of S1, and P4 finds its bed.
//!
//! **A job that a publisher left to a searcher is seen by it.** P3 read a searcher. That one goes to sleep, and what was
//! said above holds; or it stops, and one of P2, C2 comes first: if P2, C3 sees the job; if C2, P3 did not
//! see that searcher. One that saw a job at S3 and gets up is a searcher again, for its latch may be set just now, and then
//! it stops, and passes on what it saw, instead of taking it.
//!
//! **Nor does a guest keep a job waiting.** While it sits there, P3 reads the sleeper still, and P4 looks at its bed. Who finds it lent, and would
//! have woken it, marks it as missed in one step, which G2 can't overlook; and so does the worker itself, if it was just falling asleep, saw something
//! at S3, and can't get up while its seat is lent. (It does as at C4, too.) From then on it is not counted, so that nobody looks
//! for it in vain again, and to give it back is to fall asleep: with G3 in place of S2, what was said of sleepers holds for whatever was
//! pushed meanwhile. Most calls from outside miss nothing, and have two exchanges on one word to pay for. (A guest that waits lies on the bed
//! itself, and marks it before.)
//!
//! **Who may take what.** A sleeper that waits within an isolated [`region`](crate::region) writes that region's name on its
//! bed, and P4 claims it only for jobs of that region. A searcher like that may have been left a stranger's job: at S3 it
//! sends somebody else for that, as at C4, before it parks. (A job of its own region that lies below a stranger's, on
//! a deque, it can't see. It will be taken by whoever pushed it.) The mail of other calls it leaves to later, unless it waits for mail itself;
//! but for that of open regions, which may be waited for by somebody for whom it waits.
//!
//! **In the injector** nobody sees of what regions the jobs are without taking them out, so C4 speaks of them as of jobs for
//! those who are not confined. For those who are confined to the job's region P4 sees to it at once: it claims all of them that
//! sleep, whoever else is searching. And who has taken strangers' jobs out to look at them, at S3, goes through P1 to P4 for each as it puts it back.
//!
//! **Count before bed.** A sleeper is counted before its bed can be claimed, and who claims it then moves one from the
//! sleepers to the searchers, in one step on one word. So there are never more beds taken than sleepers counted, and that
//! count never falls below zero. With the bed first, two publishers could claim two beds while one sleeper is counted. If P3
//! reads a sleeper whose bed P4 can't find yet, that sleeper's S2 is still to come, and its S3 sees the job.
//!
//! **Who is claimed may be up before it is counted.** Its latch, or a token that was left, may wake it before whoever claimed it comes to that step,
//! and it may stop, or lie down again, meanwhile. The searchers are then counted too few, even less than none, and the sleepers too many: that wakes somebody in
//! vain, at most. (Read without its sign, less than none was four thousand million, who would all look for jobs.)
//!
//! **Which sleeper.** Any will do for all of this. Rather it is one that lay down on a [`processor`] where nobody is up; else, at P4, on another
//! one than that of whoever wakes it, but for what comes by the injector, and at C4 on the same one. A guest takes the seat of one that lay
//! down on its own.
//!
//! **Waking in a chain.** While one woken worker searches, publishers wake nobody else; it wakes the next at C4. So a
//! publisher pays for one wake at most, and n sleepers are up after about log n wakes in a row.
//!
//! **P2 on the path of a fork.** `join` would pay more for that fence than for all the rest of a fork. So there P2 is
//! the light side of a [`barrier`](crate::barrier), as long as the publisher's deque is unguarded; in a guarded one it is
//! the fence. S2, C2 and G3 guard all the deques of others, and if one was unguarded, make that known by the heavy side
//! ([`meet_publishers`](crate::pool::WorkerPool::meet_publishers)). If they find a deque guarded, a fence will do: should its owner take the guard off later,
//! that comes with a fence, D5 of the [`deque`](crate::deque), and P3 after it sees S1 or C1.
//!
//! **A broadcast wakes everybody.** It leaves one in every mailbox, which takes the place of P1, and after P2 claims every
//! sleeper whose bed it finds ([`wake_all`](global::GlobalParker::wake_all)), or marks it as missed. A worker whose bed it overlooked comes to S2 or G3
//! later than P2, and sees the job in its mailbox. The end of a pool goes the same way.
//!
//! **A latch needs none of this.** It unparks its owner by token, and a token given before `park` is kept. Claims use
//! the same token, so a claim that finds its sleeper just withdrawing leaves one behind: one later `park`
//! returns early. Whoever parks looks again afterwards, always.

pub(crate) mod delay;
pub(crate) mod global;
pub(crate) mod parker;
pub(crate) mod processor;
