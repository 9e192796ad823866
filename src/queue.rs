//! [`JobQueue`]: jobs in the order they came, under a lock. For places where jobs are rare, or where order is all.

use std::collections::VecDeque;

use crate::job::JobRef;
use crate::primitive::{AtomicUsize, Mutex, Ordering, lock};
use crate::region::Region;

/// The lock is taken only if there is something to take, so that looking into an empty queue costs one load.
pub(crate) struct JobQueue {
    /// As many as in `jobs`; written under the lock.
    len: AtomicUsize,
    jobs: Mutex<VecDeque<JobRef>>,
}

impl JobQueue {
    pub(crate) fn new() -> Self {
        Self {
            len: AtomicUsize::new(0),
            jobs: Mutex::new(VecDeque::new()),
        }
    }

    /// Puts a job at the end.
    pub(crate) fn push(&self, job: JobRef) {
        let mut jobs = lock(&self.jobs);
        jobs.push_back(job);
        // Relaxed: the lock hands over the jobs, and a sleeper's steps see to it that this is read in time.
        self.len.store(jobs.len(), Ordering::Relaxed);
    }

    /// Takes the job that has waited longest.
    pub(crate) fn take(&self) -> Option<JobRef> {
        if self.is_empty() {
            return None;
        }
        let mut jobs = lock(&self.jobs);
        let job = jobs.pop_front();
        // Relaxed: as in `push`.
        self.len.store(jobs.len(), Ordering::Relaxed);
        job
    }

    /// Takes the job that has waited longest of those that who is `confined` may take.
    pub(crate) fn take_for(&self, confined: Region) -> Option<JobRef> {
        if self.is_empty() {
            return None;
        }
        let mut jobs = lock(&self.jobs);
        let place = jobs
            .iter()
            .position(|job| job.region.is_mail_for(confined))?;
        let job = jobs.remove(place);
        // Relaxed: as in `push`.
        self.len.store(jobs.len(), Ordering::Relaxed);
        job
    }

    /// Whether a job waits that who is `confined` may take.
    pub(crate) fn has_any_for(&self, confined: Region) -> bool {
        let may_take = |job: &JobRef| job.region.is_mail_for(confined);
        !self.is_empty() && lock(&self.jobs).iter().any(may_take)
    }

    /// Whether nothing waits: as of now, or of any time since the caller last heard of the queue.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        // Relaxed: never older than what the caller knows of.
        self.len.load(Ordering::Relaxed) == 0
    }
}
