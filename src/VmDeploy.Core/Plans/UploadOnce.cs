namespace VmDeploy;

/// <summary>Uploads the disks of the first VM and copies the others from it on the host. If the upload fails, the next VM repeats it.</summary>
internal sealed class UploadOnce
{
    private readonly object _gate = new();
    private Task<Vm>? _source;

    public bool IsSource(Vm vm) => _source is { Status: TaskStatus.RanToCompletion } source && source.Result == vm;

    public async Task<Vm> MakeAsync(Func<Task<Vm>> upload, Func<Vm, Task<Vm>> copy, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<Vm> source;
            bool isMine;
            lock (_gate)
            {
                isMine = _source is null || _source.IsFaulted || _source.IsCanceled;
                if (isMine)
                    _source = upload();
                source = _source!;
            }
            if (isMine)
                return await source;
            await Task.WhenAny(source);
            cancellationToken.ThrowIfCancellationRequested();
            if (source.Status == TaskStatus.RanToCompletion)
                return await copy(source.Result);
            // A damaged package fails for all VMs.
            if (source.Exception?.InnerException is VmDeployException { Code.Kind: ErrorKind.InvalidData or ErrorKind.SecurityError or ErrorKind.ReadError } damage)
                throw new VmDeployException(damage.Code, damage.Message, damage.Target, damage, damage.Hint);
        }
    }
}
