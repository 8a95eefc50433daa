//! Answers out: those of a whole group at a time, from one task.

use std::time::Duration;

use async_nats::service::Request;
use command_processor::Answer;
use tokio::{sync::mpsc, time::timeout};

use crate::reply;

/// Groups of answers that may wait to be sent before the writer waits.
const GROUPS_WAITING_MAX: usize = 64;

/// How long the connection has to take an answer. One that is lost takes nothing once its buffer is full.
const TAKEN_WITHIN: Duration = Duration::from_secs(1);

type Group = Vec<(Request, Answer)>;

/// The answers that the writer has given, on their way to those who asked.
#[derive(Debug)]
pub struct Answers(mpsc::Receiver<Group>);

/// A writer's way of answering requests, and where the answers come out. The first is for the thread of the writer,
/// never for a task: it waits while the connection is slow, and not for long when it takes nothing.
pub fn answering() -> (impl FnMut(Group) + Send + 'static, Answers) {
    let (give, answers) = mpsc::channel(GROUPS_WAITING_MAX);
    let answer = move |group| {
        // When nobody sends answers any more, callers send their commands again to whoever serves then.
        let _ = give.blocking_send(group);
    };
    (answer, Answers(answers))
}

impl Answers {
    /// Sends them until the writer has ended.
    pub(crate) async fn send(self) {
        let send = async |(request, answer): (Request, Answer)| match answer {
            Answer::Accepted(accepted) => reply::send(&request, &accepted).await,
            Answer::Refused(problem) => reply::send_problem(&request, &problem).await,
        };
        send_each(self.0, send).await;
    }
}

/// Sends what comes, and drops what is not taken in time: were the writer to wait for a connection that is lost, no
/// deadline would fire meanwhile. After one that was not taken the next ones are not waited for, until one is.
async fn send_each<T>(mut groups: mpsc::Receiver<Vec<T>>, send: impl AsyncFn(T)) {
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
                if dropped == 0 {
                    tracing::warn!(
                        "the connection takes no answers, so they are dropped; callers send the same commands again \
                         and get the same answers"
                    );
                }
                dropped += 1;
            } else if dropped > 0 {
                tracing::warn!(dropped, "answers are sent again");
                dropped = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[tokio::test]
    async fn answers_that_are_not_taken_do_not_stop_whoever_gives_them() {
        let (give, groups) = mpsc::channel(GROUPS_WAITING_MAX);
        let giving = thread::spawn(move || {
            for number in 0..10 * GROUPS_WAITING_MAX {
                give.blocking_send(vec![number]).unwrap();
            }
        });
        send_each(groups, async |_| std::future::pending().await).await;
        giving.join().unwrap();
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
