// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Multicall
/// @notice Many reads in one call, answered at one block. The functions and their selectors are those of Multicall3,
///         so that a client that knows the canonical address can use it on a local chain that has no code there.
/// @dev For local chains only: the test kit sets its runtime code at the canonical address.
contract Multicall {
    struct Call3 {
        address target;
        bool allowFailure;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    /// @notice The call at `index` reverted and was not allowed to.
    error CallFailed(uint256 index, bytes reason);

    /// @notice Runs every call in order.
    /// @param calls What to call; a call that may fail says so.
    /// @return returnData One result a call, in the same order.
    function aggregate3(Call3[] calldata calls) external payable returns (Result[] memory returnData) {
        returnData = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory data) = calls[i].target.call(calls[i].callData);
            if (!success && !calls[i].allowFailure) revert CallFailed(i, data);
            returnData[i] = Result(success, data);
        }
    }

    /// @return balance Wei held by `addr`.
    function getEthBalance(address addr) external view returns (uint256 balance) {
        return addr.balance;
    }

    /// @return blockNumber Height of the block the call runs in.
    function getBlockNumber() external view returns (uint256 blockNumber) {
        return block.number;
    }

    /// @return blockHash Hash of an earlier block, 0 if it is older than 256 blocks.
    function getBlockHash(uint256 blockNumber) external view returns (bytes32 blockHash) {
        return blockhash(blockNumber);
    }

    /// @return timestamp Unix seconds of the block the call runs in.
    function getCurrentBlockTimestamp() external view returns (uint256 timestamp) {
        return block.timestamp;
    }

    /// @return chainid Id of this chain.
    function getChainId() external view returns (uint256 chainid) {
        return block.chainid;
    }

    /// @return basefee Wei per gas.
    function getBasefee() external view returns (uint256 basefee) {
        return block.basefee;
    }
}
