output "dashboard" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "notices_topic_arn" {
  description = "ARN of the topic that people get e-mail from."
  value       = aws_sns_topic.notices.arn
}

output "route_throttles" {
  description = "Limits of the routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "waiting_for" {
  description = "What a person still has to do before notices arrive everywhere."
  value = concat(
    [for subscription in aws_sns_topic_subscription.email : {
      module = "monitoring"
      what   = "Confirmation of notices to ${subscription.endpoint}"
      where  = "the mailbox of ${subscription.endpoint}"
      action = "Open the message from AWS Notifications and follow its link; it holds for two days, and an apply after them sends another"
    } if subscription.pending_confirmation],
    [for key, parameter in aws_ssm_parameter.channel : {
      module = "monitoring"
      what   = local.secrets[key].what
      where  = "Systems Manager, Parameter Store: ${parameter.name}"
      action = "fleet secrets set ${var.creator.slug} ${trimprefix(parameter.name, "/${var.creator.slug}/")}"
    } if parameter.version == 1],
    length(aws_ce_anomaly_subscription.costs) == 0 ? [{
      module = "monitoring"
      what   = "ARN of the account's own anomaly monitor, as nobody is told of unusual costs yet"
      where  = "AWS console, Cost Anomaly Detection, cost monitors; then creator.toml, [modules.monitoring]"
      action = "Set anomaly_monitor_arn and apply"
    }] : [],
  )
}
