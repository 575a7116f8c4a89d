using VmDeploy.Transfer;

namespace VmDeploy.Ova;

/// <summary>A file on a web server that sends any part of it. A connection that breaks is replaced, and reading goes on where it was.</summary>
internal sealed class RemoteStore(RemoteFile file) : ByteStore(file.Name)
{
    public override long? Length => file.Length;

    public override Stream OpenAt(long offset, long? count, CancellationToken cancellationToken) =>
        new Reader(file, offset, Math.Min(count ?? long.MaxValue, Math.Max(0, file.Length!.Value - offset)), count is not null, cancellationToken);

    public override void Dispose() => file.Dispose();

    private sealed class Reader(RemoteFile file, long offset, long count, bool isShort, CancellationToken opened) : ForwardStream
    {
        // A server that sends a byte for each connection makes no progress.
        private const int MostBreaks = 100;
        private const long Progress = 16 << 20;

        // Many readers want the first bytes only, and a body that is left costs its connection.
        private const int FirstRange = 1 << 16;

        private Stream? _body;
        private long _bodyLeft;
        private bool _isOpened;
        private int _breaks;
        private long _sinceBreak;
        private int _failures;

        public override int Read(byte[] buffer, int at, int length) =>
            Task.Run(() => ReadAsync(buffer, at, length, opened)).GetAwaiter().GetResult();

        public override async Task<int> ReadAsync(byte[] buffer, int at, int length, CancellationToken cancellationToken)
        {
            if (count == 0 || length == 0)
                return 0;
            for (var pause = file.Retries.FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, file.Retries.LongestPause.Ticks)))
            {
                try
                {
                    var read = await ReadOnceAsync(buffer, at, (int)Math.Min(length, count), cancellationToken);
                    offset += read;
                    count -= read;
                    _failures = 0;
                    if ((_sinceBreak += read) >= Progress)
                        _breaks = 0;
                    return read;
                }
                catch (VmDeployException e) when (e.IsTransient)
                {
                    EndBody();
                    _sinceBreak = 0;
                    if (++_failures >= file.Retries.Attempts || ++_breaks >= MostBreaks)
                        throw file.Unreachable(e);
                }
                await Task.Delay(pause, cancellationToken);
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                EndBody();
            base.Dispose(disposing);
        }

        private void EndBody()
        {
            _body?.Dispose();
            _body = null;
        }

        private async Task<int> ReadOnceAsync(byte[] buffer, int at, int length, CancellationToken cancellationToken)
        {
            if (_body is null)
            {
                var isWhole = isShort || _isOpened;
                _bodyLeft = isWhole ? count : Math.Min(count, FirstRange);
                _body = await file.OpenRangeAsync(offset, isShort || !isWhole ? _bodyLeft : null, cancellationToken);
                _isOpened = true;
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(file.Patience);
            try
            {
                var read = await _body.ReadAsync(buffer, at, (int)Math.Min(length, _bodyLeft), limit.Token);
                if (read == 0)
                    throw new IOException("The connection ended early.");
                if ((_bodyLeft -= read) == 0)
                    EndBody();
                return read;
            }
            catch (Exception e) when (e is not VmDeployException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw await file.ExplainAsync(limit.IsCancellationRequested ? new OperationCanceledException(e.Message, e) : e);
            }
        }
    }
}
