using System;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy;

/// <summary>
/// Of several VMs with the same disks, the first is uploaded and the others are copied from it on the host. When the upload
/// fails, the next VM tries it anew.
/// </summary>
internal sealed class UploadOnce
{
    private readonly object _gate = new();
    private Task<Vm>? _source;

    /// <summary>True for the VM that the others are copied from.</summary>
    public bool IsSource(Vm vm) => _source is { Status: TaskStatus.RanToCompletion } source && source.Result == vm;

    /// <summary>Makes a VM by upload if it is the first, else as a copy once the first is whole.</summary>
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
            // A package that is damaged for one is damaged for all.
            if (source.Exception?.InnerException is VmDeployException { Code.Kind: ErrorKind.InvalidData or ErrorKind.SecurityError or ErrorKind.ReadError } damage)
                throw new VmDeployException(damage.Code, damage.Message, damage.Target, damage, damage.Hint);
        }
    }
}
