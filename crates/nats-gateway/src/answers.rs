//! Answers out: those of a whole group at a time, apart for each connection that they leave on.

use std::time::Duration;

use command_processor::{Answer, Decided};
use tokio::{sync::mpsc, time::timeout};

use crate::{circle::Circle, commands::Asked, limited::Limited, reply};

/// How long the connection has to take an answer. One that is lost takes nothing once its buffer is full.
const TAKEN_WITHIN: Duration = Duration::from_secs(1);

type Group = Vec<Decided<Asked>>;

/// The answers that the writer has given, on their way to those who asked.
#[derive(Debug)]
pub struct Answers {
    parties: mpsc::Receiver<Group>,
    staff: mpsc::Receiver<Group>,
}

/// A writer's way of answering so many requests at most, and where the answers come out. The writer never waits for a
/// connection: each answer is of a request that is in hand, so there is always room for it.
pub fn answering(requests_max: usize) -> (impl FnMut(Group) + Send + 'static, Answers) {
    let (to_parties, parties) = mpsc::channel(requests_max);
    let (to_staff, staff) = mpsc::channel(requests_max);
    let answer = move |mut group: Group| {
        for Decided {
            asker,
            answer,
            read_back,
        } in &mut group
        {
            // What the writer is through with makes room at it, whatever keeps the answers.
            asker.at_writer = None;
            asker.request.in_hand.read_back(*read_back);
            let is_new = matches!(answer, Answer::Accepted(accepted) if !accepted.replayed);
            if is_new {
                asker.request.in_hand.was_accepted();
            }
        }
        let (of_parties, of_staff): (Group, Group) = group
            .into_iter()
            .partition(|decided| decided.asker.request.circle == Circle::Parties);
        for (give, group) in [(&to_parties, of_parties), (&to_staff, of_staff)] {
            if !group.is_empty() {
                // When nobody sends answers any more, callers send their commands again to whoever serves then.
                let _ = give.try_send(group);
            }
        }
    };
    (answer, Answers { parties, staff })
}

impl Answers {
    /// Sends them until the writer has ended.
    pub(crate) async fn send(self) {
        // What one connection does not take keeps nobody on the other one waiting.
        tokio::join!(send_each(self.parties, send), send_each(self.staff, send));
    }
}

async fn send(decided: Decided<Asked>) {
    let request = &decided.asker.request;
    match decided.answer {
        Answer::Accepted(accepted) => reply::send(request, &accepted).await,
        Answer::Refused(problem) => reply::send_problem(request, &problem).await,
    }
}

/// Sends what comes, and drops what is not taken in time: were the writer to wait for a connection that is lost, no
/// deadline would fire meanwhile. After one that was not taken the next ones are not waited for, until one is.
async fn send_each<T, S: Future<Output = ()>>(
    mut groups: mpsc::Receiver<Vec<T>>,
    send: impl Fn(T) -> S,
) {
    // Under a flood the connection takes some and then none, over and over.
    static NOT_TAKEN: Limited = Limited::new();
    static TAKEN_AGAIN: Limited = Limited::new();

    let mut dropped: u64 = 0;
    while let Some(group) = groups.recv().await {
        for answer in group {
            let patience = if dropped == 0 {
                TAKEN_WITHIN
            } else {
                Duration::ZERO
            };
            let taken = timeout(patience, send(answer)).await.is_ok();
            if !taken {
                if dropped == 0
                    && let Some(left_out) = NOT_TAKEN.left_out()
                {
                    tracing::warn!(
                        left_out,
                        "the connection takes no answers, so they are dropped; callers send the same commands again \
                         and get the same answers"
                    );
                }
                dropped += 1;
            } else if dropped > 0 {
                if let Some(left_out) = TAKEN_AGAIN.left_out() {
                    tracing::warn!(dropped, left_out, "answers are sent again");
                }
                dropped = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS_WAITING_MAX: usize = 64;

    #[tokio::test(start_paused = true)]
    async fn answers_that_are_not_taken_are_dropped_and_not_waited_for_one_by_one() {
        let (give, groups) = mpsc::channel(GROUPS_WAITING_MAX);
        let begun = tokio::time::Instant::now();
        let giving = tokio::spawn(async move {
            for number in 0..10 * GROUPS_WAITING_MAX {
                give.send(vec![number]).await.unwrap();
            }
        });
        send_each(groups, async |_| std::future::pending().await).await;
        giving.await.unwrap();
        assert!(begun.elapsed() < 2 * TAKEN_WITHIN);
    }

    #[tokio::test]
    async fn what_is_taken_again_is_sent_again_and_in_order() {
        let (give, groups) = mpsc::channel(GROUPS_WAITING_MAX);
        give.send(vec![0, 1, 2]).await.unwrap();
        give.send(vec![3, 4]).await.unwrap();
        drop(give);
        let sent = std::sync::Mutex::new(Vec::new());
        // The connection is lost for the first three.
        let send = async |number| {
            if number < 3 {
                std::future::pending::<()>().await;
            } else {
                sent.lock().unwrap().push(number);
            }
        };
        send_each(groups, send).await;
        assert_eq!(sent.into_inner().unwrap(), [3, 4]);
    }
}
