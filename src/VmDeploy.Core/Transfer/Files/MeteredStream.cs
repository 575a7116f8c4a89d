using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>The body of a transfer, which tells of each piece that arrives. Not closed here.</summary>
/// <param name="body">What is read.</param>
/// <param name="arrived">Gets the bytes of each piece.</param>
/// <param name="length">It ends after so many bytes, without waiting for the end of the body; null for the end of the body.</param>
internal sealed class MeteredStream(Stream body, Action<int> arrived, long? length = null) : ForwardStream
{
    private long _left = length ?? long.MaxValue;

    /// <summary>Called before each read.</summary>
    public Action Waiting { get; init; } = () => { };

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_left == 0)
            return 0;
        Waiting();
        return Arrived(await body.ReadAsync(buffer, offset, (int)Math.Min(count, _left), cancellationToken));
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (_left == 0)
            return 0;
        Waiting();
        return Arrived(body.Read(buffer, offset, (int)Math.Min(count, _left)));
    }

    private int Arrived(int read)
    {
        _left -= read;
        arrived(read);
        return read;
    }
}
