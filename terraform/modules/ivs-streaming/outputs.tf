output "channel_arn" {
  description = "ARN of the channel."
  value       = aws_ivs_channel.this.arn
}

output "playback_url" {
  description = "HLS playlist that viewers play."
  value       = aws_ivs_channel.this.playback_url
}

output "ingest_endpoint" {
  description = "Host that the encoder sends to, as rtmps://<host>:443/app/."
  value       = aws_ivs_channel.this.ingest_endpoint
}

output "recordings_bucket" {
  description = "Name of the recordings' bucket, null without recording."
  value       = var.recording ? module.recordings[0].bucket_id : null
}

output "recordings_domain" {
  description = "Host name of the recordings' bucket, null without recording."
  value       = var.recording ? module.recordings[0].bucket_regional_domain_name : null
}

output "streams_table" {
  description = "Name of the table of the channel's state and its recordings."
  value       = module.streams.name
}

output "route_throttles" {
  description = "Limits of the routes that have one of their own, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}

output "waiting_for" {
  description = "What a person or AWS still has to do for this module."
  value = [
    for subscription in aws_sns_topic_subscription.contact : {
      module = "ivs-streaming"
      what   = "Confirmation of live notices to ${var.contact}"
      where  = "the mailbox of ${var.contact}"
      action = "Open the message from AWS Notifications and follow its link; it holds for two days, and an apply after them sends another"
    } if subscription.pending_confirmation
  ]
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. The channel, its key and the key of playback are in the first region alone."
  value = {
    functions   = { for name in ["get_streams", "manage_videos"] : name => local.functions[name] }
    environment = module.functions.environment
  }
}
