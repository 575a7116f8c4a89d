using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>The body of a transfer, which tells of each piece that arrives. Not closed here.</summary>
internal sealed class MeteredStream(Stream body, Action<int> arrived) : ForwardStream
{
    /// <summary>Called before each read.</summary>
    public Action Waiting { get; init; } = () => { };

    public override async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Waiting();
        var read = await body.ReadAsync(buffer, offset, count, cancellationToken);
        arrived(read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        Waiting();
        var read = body.Read(buffer, offset, count);
        arrived(read);
        return read;
    }
}
