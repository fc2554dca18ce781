mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-central-1:111122223333:kasper-failures" }
  }
}

variables {
  slug = "kasper"
}

run "keeps_failures_and_tells_of_them" {
  assert {
    condition     = aws_sqs_queue.this.message_retention_seconds == 1209600 && aws_sqs_queue.this.sqs_managed_sse_enabled
    error_message = "Failures are kept encrypted for 14 days."
  }

  assert {
    condition     = jsondecode(aws_sqs_queue_policy.this.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"
    error_message = "The queue is reached by TLS only."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.failures.dimensions == tomap({ QueueName = "kasper-failures" }) && aws_cloudwatch_metric_alarm.failures.threshold == 1
    error_message = "The first failure raises an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.errors.namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.errors.dimensions == null
    error_message = "The errors of all functions are watched together."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.faults.metric_name == "Faults" && aws_cloudwatch_metric_alarm.faults.dimensions == tomap({ creator = "kasper" })
    error_message = "What handlers answered with 500 is watched together, too."
  }
}
