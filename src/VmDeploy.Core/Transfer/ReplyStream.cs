using VmDeploy.Ova;

namespace VmDeploy.Transfer;

/// <summary>A reply that fails with <c>ReplyTooLarge</c> beyond a limit: a compressed one may expand a thousandfold.</summary>
internal sealed class ReplyStream(Stream inner, long limit, string server) : ForwardStream
{
    private long _read;

    public override int Read(byte[] buffer, int offset, int count)
    {
        int read;
        try
        {
            read = inner.Read(buffer, offset, count);
        }
        catch (InvalidDataException e)
        {
            throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The reply of {server} can't be decompressed: {e.Message}", server, e);
        }
        _read += read;
        return _read <= limit ? read : throw TooLarge(server, limit);
    }

    public static VmDeployException TooLarge(string server, long limit) =>
        new(ErrorCodes.ReplyTooLarge, $"The reply of {server} is longer than {limit >> 20} MB.", server);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
