namespace VmDeploy.PowerShell;

/// <summary>A question that only the pipeline thread can answer.</summary>
internal interface IQuestion
{
    void Cancel();
}

internal sealed class Question<T>(Func<PSCmdlet, T> question) : IQuestion
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _answer.Task;

    public void Cancel() => _answer.TrySetCanceled();

    /// <summary>
    /// Computes the answer on the pipeline thread. A failure that the user can act on goes to the caller;
    /// any other exception stops the pipeline and is rethrown.
    /// </summary>
    public void Answer(PSCmdlet cmdlet)
    {
        try
        {
            _answer.TrySetResult(question(cmdlet));
        }
        catch (VmDeployException e)
        {
            _answer.TrySetException(e);
        }
        catch
        {
            _answer.TrySetCanceled();
            throw;
        }
    }
}
