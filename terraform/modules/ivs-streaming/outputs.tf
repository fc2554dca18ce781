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

output "stream_key_value" {
  description = "The encoder's stream key. Whoever has it can go live on the channel."
  value       = data.aws_ivs_stream_key.this.value
  sensitive   = true
}

output "recordings_bucket" {
  description = "Name of the recordings' bucket, null without recording."
  value       = one(module.recordings[*].bucket_id)
}

output "waiting_for" {
  description = "What a person still has to do for this module."
  value = var.authorized_playback && var.playback_public_key == null ? [{
    what   = "A playback key for ${var.slug}: the channel refuses every viewer without one"
    where  = "creator.toml, [modules.ivs-streaming]"
    action = "Set playback_public_key to the public key that playback tokens are signed for, then apply"
  }] : []
}
