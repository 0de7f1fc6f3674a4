// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {BackstopLayers} from "./BackstopLayers.sol";
import {Fixed} from "./Fixed.sol";
import {PerpPositions} from "./PerpPositions.sol";

/// @title BackstopQueue
/// @notice The queue of winners whose profit pays when no layer can: by rank, which is profit times leverage. The caller
///         brings the queue. It is checked that it is in order, and, over the whole book, that nobody of a higher rank is
///         missing: page by page, for a book that does not fit a block, at the prices at which the check began.
/// @dev The book is read from its end. A venue's list of accounts fills a gap with its last one, which has been read by
///      then, and puts newcomers at the end, who have no profit from before: so nobody slips past by moving in the list.
abstract contract BackstopQueue is BackstopLayers {
    /// @notice A position whose profit pays.
    struct Winner {
        address account;
        bytes32 market;
    }

    /// @notice How far a check of a queue has come.
    /// @param cursor Accounts of the book before this place are not read yet.
    /// @param last Whose profit completes what is owed, or the end of the queue.
    /// @param threshold Nobody of a higher rank may be missing.
    /// @param marks Prices at which it began, in the order of the venue's markets.
    struct Round {
        uint64 startedAt;
        uint64 cursor;
        uint64 last;
        uint256 threshold;
        uint256[] marks;
    }

    /// @notice At most so many at once; if they do not pay all, the next ones follow.
    uint256 public constant LONGEST_QUEUE = 64;
    /// @notice A check that is not done by then begins anew.
    uint256 public constant ROUND_SECONDS = 10 minutes;

    mapping(bytes32 id => Round) private _rounds;

    /// @notice Part of the book was held against a queue; `left` accounts are to be read.
    event QueueChecked(address indexed loser, address indexed caller, uint256 left);

    /// @notice Whoever is before still has something to pay with.
    error OutOfTurn(uint256 left);
    /// @notice The queue is not the ranked one: by place, or because somebody of a higher rank is missing.
    error OutOfRank(uint256 place);
    /// @notice This position is of a higher rank than the queue's last, and not in it.
    error Missing(address account, bytes32 market);

    /// @notice How far a caller's check of a queue has come; all zero if it has not begun or is too old.
    function roundOf(address caller, address loser, Winner[] calldata queue) external view returns (Round memory) {
        return _live(_idOf(caller, loser, queue));
    }

    /// @notice By how much a position is in the queue of winners: profit times leverage. 0: not in it.
    function rankOf(address account, bytes32 market) external view returns (uint256) {
        (uint256 rank,) = _rankIn(_priced(account), market);
        return rank;
    }

    /// @dev Holds the next `limit` accounts against the queue, and keeps how far it came.
    function _check(address loser, Winner[] calldata queue, uint256 limit) internal {
        _requireTurn(loser);
        bytes32 id = _idOf(msg.sender, loser, queue);
        bytes32[] memory markets = venue.markets();
        Round memory round = _live(id);
        if (round.startedAt == 0) round = _begin(queue, _owedBy(loser), markets);
        _read(round, queue, markets, limit);
        _rounds[id] = round;
        emit QueueChecked(loser, msg.sender, round.cursor);
    }

    /// @dev Checks what is left to check, and takes from the winners in turn what is owed.
    function _takeProfits(address loser, Winner[] calldata queue) internal {
        _requireTurn(loser);
        uint256 owed = _owedBy(loser);
        bytes32 id = _idOf(msg.sender, loser, queue);
        bytes32[] memory markets = venue.markets();
        Round memory round = _live(id);
        if (round.startedAt == 0) round = _begin(queue, owed, markets);
        else delete _rounds[id];
        _read(round, queue, markets, type(uint256).max);
        uint256 before = owed;
        for (uint256 i = 0; i <= round.last && owed != 0; ++i) {
            owed -= venue.forfeit(queue[i].account, queue[i].market, loser, owed);
        }
        if (owed == before) revert OutOfRank(0);
    }

    function _requireTurn(address loser) private {
        _settle(loser);
        if (_funds() != 0) revert OutOfTurn(_funds());
        if (_owedBy(loser) == 0) revert NothingOwed(loser);
    }

    function _idOf(address caller, address loser, Winner[] calldata queue) private pure returns (bytes32) {
        return keccak256(abi.encode(caller, loser, queue));
    }

    function _live(bytes32 id) private view returns (Round memory round) {
        if (block.timestamp < _rounds[id].startedAt + ROUND_SECONDS) round = _rounds[id];
    }

    /// @dev The queue must be in order, and nobody twice. One that does not pay all, and could be longer, must leave nobody
    ///      out who has anything.
    function _begin(Winner[] calldata queue, uint256 owed, bytes32[] memory markets)
        private
        view
        returns (Round memory round)
    {
        if (queue.length == 0 || queue.length > LONGEST_QUEUE) revert OutOfRank(queue.length);
        (round.startedAt, round.cursor) = (uint64(block.timestamp), type(uint64).max);
        round.marks = new uint256[](markets.length);
        for (uint256 i = 0; i < markets.length; ++i) {
            round.marks[i] = venue.marketOf(markets[i]).price;
        }
        (uint256 sum, uint256 rank) = (0, 0);
        for (uint256 i = 0; i < queue.length && sum < owed; ++i) {
            if (queue[i].account == address(this)) revert OutOfRank(i);
            uint256 above = rank;
            uint256 profit;
            (rank, profit) = _rankIn(_priced(queue[i].account), queue[i].market);
            if (rank == 0 || (i > 0 && !_follows(queue, i, above, rank))) revert OutOfRank(i);
            (round.last, sum) = (uint64(i), sum + profit / _tokenScale);
        }
        if (sum >= owed || queue.length == LONGEST_QUEUE) round.threshold = rank;
    }

    /// @dev Reads accounts towards the beginning of the book; the backstop itself gives no profit up.
    function _read(Round memory round, Winner[] calldata queue, bytes32[] memory markets, uint256 limit) private view {
        (, uint256 total) = venue.accountsWithPositions(0, 0);
        uint256 cursor = Math.min(round.cursor, total);
        uint256 count = Math.min(limit, cursor);
        cursor -= count;
        round.cursor = uint64(cursor);
        (address[] memory holders,) = venue.accountsWithPositions(cursor, count);
        for (uint256 i = 0; i < count; ++i) {
            if (holders[i] == address(this)) continue;
            PerpPositions.AccountView memory view_ = venue.accountOf(holders[i]);
            _reprice(view_, markets, round.marks);
            for (uint256 j = 0; j < view_.positions.length; ++j) {
                bytes32 market = view_.positions[j].market;
                (uint256 rank,) = _rankIn(view_, market);
                if (rank > round.threshold && !_pays(round, queue, holders[i], market)) {
                    revert Missing(holders[i], market);
                }
            }
        }
    }

    /// @dev Whoever stands behind the last that pays was not asked for his rank, and pays nothing.
    function _pays(Round memory round, Winner[] calldata queue, address account, bytes32 market)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i <= round.last; ++i) {
            if (queue[i].account == account && queue[i].market == market) return true;
        }
        return false;
    }

    function _follows(Winner[] calldata queue, uint256 i, uint256 above, uint256 rank) private pure returns (bool) {
        if (rank != above) return rank < above;
        if (queue[i].account != queue[i - 1].account) return queue[i].account > queue[i - 1].account;
        return queue[i].market > queue[i - 1].market;
    }

    /// @dev The account as it would stand at these marks. What had none when the check began ranks nobody.
    function _reprice(PerpPositions.AccountView memory view_, bytes32[] memory markets, uint256[] memory marks)
        private
        pure
    {
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            PerpPositions.PositionView memory position = view_.positions[i];
            for (uint256 j = 0; j < marks.length; ++j) {
                if (markets[j] != position.market) continue;
                _requirePrice(position.market, marks[j]);
                if (marks[j] == position.price) continue;
                int256 moved = Fixed.mulDivDown(position.size, marks[j], 1e18)
                    - Fixed.mulDivDown(position.size, position.price, 1e18);
                position.unrealised += moved;
                view_.equity += moved;
                position.notional = Fixed.notional(Fixed.abs(position.size), marks[j]);
            }
        }
    }

    /// @dev A profit of less than a token's unit pays nothing, and has no rank.
    function _rankIn(PerpPositions.AccountView memory view_, bytes32 market)
        private
        view
        returns (uint256 rank, uint256 profit)
    {
        if (view_.equity <= 0) return (0, 0);
        for (uint256 i = 0; i < view_.positions.length; ++i) {
            PerpPositions.PositionView memory position = view_.positions[i];
            if (position.market != market || position.unrealised < int256(_tokenScale)) continue;
            profit = uint256(position.unrealised);
            rank = Math.mulDiv(profit, position.notional, uint256(view_.equity));
        }
    }
}
